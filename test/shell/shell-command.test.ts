import { expect, it } from "vitest";
import { parseShellCommand } from "../../src/shell/index.js";

it.each([
  ["bash", { kind: "bash", file: "bash", args: [], isLogin: false }],
  ["/usr/bin/zsh -i", { kind: "zsh", file: "/usr/bin/zsh", args: ["-i"], isLogin: false }],
  ["  fish\t--login ", { kind: "fish", args: ["--login"], isLogin: true }],
  ["bash -l", { isLogin: true }],
  ["bash -il", { isLogin: true }],
  ["bash --login --noprofile", { isLogin: true, noProfile: true }],
  ["bash --norc -i", { isLogin: false, noRc: true }],
  ["bash --rcfile my.rc -i", { rcFile: "my.rc", args: ["--rcfile", "my.rc", "-i"] }],
  ["bash --init-file ./x", { rcFile: "./x" }],
])("takes %s for an interactive shell", (command, found) => {
  expect(parseShellCommand(command, "/bin/sh")).toMatchObject(found);
});

it.each([
  "bash -c true",
  "bash -lc true",
  "bash script.sh",
  "bash -s",
  "bash -r",
  "bash -p",
  "bash --posix",
  "bash -o posix",
  "bash --rcfile",
  "bash --help",
  "bash; ls",
  "bash && true",
  "bash 'x'",
  "bash $HOME/x",
  "bash > file",
  "bash\nls",
  "exec bash",
  "FOO=1 bash",
  "rbash",
  "sh",
  "dash",
  "zsh -f",
  "zsh -c ls",
  "zsh --emulate sh",
  "zsh script",
  "fish -c ls",
  "fish -n",
  "fish script",
  "mybash",
  "make test",
  "",
])("leaves %j alone", (command) => {
  expect(parseShellCommand(command, "/bin/bash")).toBeUndefined();
});

it("takes the default shell where there is no command, whatever its path holds", () => {
  expect(parseShellCommand(undefined, "/opt/my shells/zsh")).toMatchObject({
    kind: "zsh",
    file: "/opt/my shells/zsh",
    args: [],
  });
  expect(parseShellCommand(undefined, "/bin/sh")).toBeUndefined();
});
