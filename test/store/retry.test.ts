import { describe, expect, it } from "vitest";
import { type RetryOptions, retry } from "../../src/store/retry.js";

const OPTIONS: RetryOptions = { isTransient: () => true, tries: 5, firstWaitMs: 1, maxWaitMs: 4 };

function failing(times: number): { readonly task: (number: number) => Promise<number>; readonly seen: number[] } {
  const seen: number[] = [];
  const task = async (number: number): Promise<number> => {
    seen.push(number);
    if (number <= times) throw new Error(`failure ${number}`);
    return number;
  };
  return { task, seen };
}

describe("retry", () => {
  it("gives what the first try that succeeds gives, and counts the tries", async () => {
    const { task, seen } = failing(3);
    expect(await retry(task, OPTIONS)).toBe(4);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("throws the last failure when no try is left", async () => {
    const { task, seen } = failing(9);
    await expect(retry(task, OPTIONS)).rejects.toThrow("failure 5");
    expect(seen).toHaveLength(5);
  });

  it("throws at once what is not transient", async () => {
    const { task, seen } = failing(9);
    await expect(retry(task, { ...OPTIONS, isTransient: () => false })).rejects.toThrow("failure 1");
    expect(seen).toHaveLength(1);
  });

  it("begins no try after its whole time", async () => {
    const { task, seen } = failing(9);
    const options = { ...OPTIONS, firstWaitMs: 1e6, maxWaitMs: 1e6, maxTotalMs: 1000, random: () => 0.5 };
    await expect(retry(task, options)).rejects.toThrow("failure 1");
    expect(seen).toHaveLength(1);
  });

  it("waits between nothing and a bound that doubles up to the longest wait", async () => {
    const drawn: number[] = [];
    const { task } = failing(4);
    const random = () => {
      drawn.push(drawn.length);
      return 0;
    };
    await retry(task, { ...OPTIONS, firstWaitMs: 1e9, maxWaitMs: 1e9, random });
    expect(drawn).toHaveLength(4);
  });

  it("waits as long as the server asked, within the longest wait", async () => {
    const { task } = failing(1);
    const start = performance.now();
    await retry(task, { ...OPTIONS, maxWaitMs: 30, random: () => 0, askedWaitMs: () => 1e9 });
    expect(performance.now() - start).toBeGreaterThan(25);
  });

  it("ends with the signal, in a wait too", async () => {
    const aborted = AbortSignal.abort(new Error("enough"));
    const isAborted = expect.objectContaining({ code: "T2A_ABORTED" });
    await expect(retry(failing(0).task, { ...OPTIONS, signal: aborted })).rejects.toEqual(isAborted);
    const controller = new AbortController();
    const { task } = failing(9);
    const random = () => {
      queueMicrotask(() => controller.abort(new Error("enough")));
      return 0.9;
    };
    const options = { ...OPTIONS, firstWaitMs: 1e6, maxWaitMs: 1e6, random, signal: controller.signal };
    await expect(retry(task, options)).rejects.toEqual(isAborted);
  });
});
