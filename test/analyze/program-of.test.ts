// Which program a line runs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programOf } from "../../src/analyze/program-of.js";

describe("programOf", () => {
  it.each([
    ["ls -la", "ls"],
    ["  /usr/bin/git status", "git"],
    ["./gradlew build", "gradlew"],
    ["FOO=1 BAR='a b' make", "make"],
    ["a[1]=2", "a[1]=2"],
    ["FOO=1", undefined],
    ["", undefined],
    ["   # only a comment", undefined],
    ["# first\nls", "ls"],
    ["sudo apt install x", "apt"],
    ["sudo -u deploy -E FOO=1 systemctl restart x", "systemctl"],
    ["sudo --user=me id", "id"],
    ["sudo -nu me id", "id"],
    ["sudo -l", "sudo"],
    ["sudo", "sudo"],
    ["doas -u me vi /etc/x", "vi"],
    ["env -i -u HOME A=1 node x.js", "node"],
    ["env", "env"],
    ["time -f %e -- make -j8", "make"],
    ["nohup nice -n 5 ionice -c 3 cargo build &", "cargo"],
    ["timeout -k 5 10s curl x", "curl"],
    ["taskset 3 ./bench", "bench"],
    ["command -v git", "command"],
    ["command git log", "git"],
    ["exec -a name bash", "bash"],
    ["'my tool' x", "my tool"],
    ['"/opt/a b/run it" x', "run it"],
    ["my\\ tool x", "my tool"],
    ["ls|wc -l", "ls"],
    [">out 2>&1 make", "make"],
    ["2>/dev/null find / -name x", "find"],
    ["(cd x && make)", "cd"],
    ["! grep -q x y", "grep"],
    ["{ make; }", "make"],
    ["if test -f x; then ls; fi", "test"],
    ["make;ls", "make"],
    ["'", undefined],
  ])("%s -> %s", (line, program) => {
    expect(programOf(line).program).toBe(program);
  });

  it.each([
    ["git commit -m x", "git commit"],
    ["git -C repo --no-pager log", "git log"],
    ["git", "git"],
    ["npm run build -- --watch", "npm run build"],
    ["npm test", "npm test"],
    ["docker compose up -d", "docker compose up"],
    ["sudo systemctl restart nginx", "systemctl restart"],
    ["ls /tmp", "ls"],
    ["cargo build --release", "cargo build"],
    ["make /tmp/x", "make"],
    ["kubectl -n prod get pods", "kubectl get"],
  ])("the task of %s is %s", (line, task) => {
    expect(programOf(line).task).toBe(task);
  });

  it("says where a line runs as somebody else", () => {
    expect(programOf("sudo make").isElevated).toBe(true);
    expect(programOf("A=1 env doas make").isElevated).toBe(true);
    expect(programOf("make sudo").isElevated).toBe(false);
  });

  it("ends on any line, with a bounded name", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ \n"'\\();|&<>#=a-z$0-9!{}-]*$/), (line) => {
        expect((programOf(line).program ?? "").length).toBeLessThanOrEqual(100);
      }),
      { numRuns: Number(process.env.T2A_FUZZ_RUNS ?? 500) },
    );
    expect(programOf("x".repeat(1e6)).program?.length).toBe(100);
    expect(programOf("A=1 ".repeat(1e5)).program).toBeUndefined();
  });
});
