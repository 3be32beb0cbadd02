"""The reference comparators: each ecosystem's own tool, asked about many pairs in one process.

Every reference takes pairs and answers one of `<`, `=`, `>` for each, or `?` where the tool refuses either
version. `missing()` says what to install where a tool is not there.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Pair = tuple[str, str]


@dataclass(frozen=True)
class Reference:
    """A comparator: the tool's name, the check for it, how to get it, and the bulk question."""

    tool: str
    is_there: Callable[[], bool]
    install: str
    verdicts: Callable[[Sequence[Pair]], list[str]]

    def missing(self) -> str | None:
        """None where the tool is installed, else what to do."""
        return None if self.is_there() else f"{self.tool} is not installed: {self.install}"


def _sign(order: int) -> str:
    return "<" if order < 0 else ">" if order > 0 else "="


def _run(command: Sequence[str], lines: Sequence[Pair], cwd: str | None = None) -> list[str]:
    text = "".join(f"{a}\t{b}\n" for a, b in lines)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=600, cwd=cwd)
    answers = done.stdout.split("\n")[: len(lines)]
    assert len(answers) == len(lines), done.stderr[-2000:]
    return answers


def _has(program: str, *paths: str) -> Callable[[], bool]:
    return lambda: shutil.which(program) is not None and all(Path(path).exists() for path in paths)


def _dpkg(lines: Sequence[Pair]) -> list[str]:
    answers = []
    for a, b in lines:
        codes = [
            subprocess.run(["dpkg", "--compare-versions", a, op, b], capture_output=True, check=False).returncode
            for op in ("lt", "gt")
        ]
        answers.append("?" if 2 in codes else "<" if codes[0] == 0 else ">" if codes[1] == 0 else "=")
    return answers


_RPM = """
import sys, rpm
out = []
for line in sys.stdin:
    a, b = line.rstrip("\\n").split("\\t")
    try:
        x, y = rpm.ver(a), rpm.ver(b)
        out.append("<" if x < y else ">" if x > y else "=")
    except Exception:
        out.append("?")
print("\\n".join(out))
"""

_NPM = """
let semver;
for (const path of ['semver', '/usr/share/nodejs/semver', '/usr/lib/node_modules/npm/node_modules/semver',
                    '/usr/share/nodejs/npm/node_modules/semver'])
  if (!semver) try { semver = require(path) } catch (e) {}
const out = [];
for (const line of require('fs').readFileSync(0, 'utf8').split('\\n').slice(0, -1)) {
  const [a, b] = line.split('\\t');
  try {
    const c = semver.compare(a, b, true);
    out.push(c < 0 ? '<' : c > 0 ? '>' : '=');
  } catch (e) { out.push('?') }
}
console.log(out.join('\\n'));
"""

_GEM = """
STDIN.each_line do |line|
  a, b = line.chomp.split("\\t")
  begin
    c = Gem::Version.new(a) <=> Gem::Version.new(b)
    puts(c < 0 ? "<" : c > 0 ? ">" : "=")
  rescue ArgumentError
    puts "?"
  end
end
"""

_COMPOSER = r"""
require '/usr/share/php/Composer/Semver/autoload.php';
$parser = new Composer\Semver\VersionParser();
while (($line = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\t", rtrim($line, "\n"));
  try {
    $x = $parser->normalize($a); $y = $parser->normalize($b);
    if (strpos($x, 'dev-') === 0 || strpos($y, 'dev-') === 0) { echo "?\n"; continue; }
    $c = version_compare($x, $y);
    echo $c < 0 ? "<\n" : ($c > 0 ? ">\n" : "=\n");
  } catch (Exception $e) { echo "?\n"; }
}
"""

_HEX = """
IO.stream(:stdio, :line) |> Enum.each(fn line ->
  [a, b] = line |> String.trim_trailing("\\n") |> String.split("\\t")
  IO.puts(
    case {Version.parse(a), Version.parse(b)} do
      {{:ok, x}, {:ok, y}} -> %{lt: "<", gt: ">", eq: "="}[Version.compare(x, y)]
      _ -> "?"
    end)
end)
"""

_CRAN = r"""
lines <- strsplit(readLines(file("stdin")), "\t")
ok <- function(v) grepl("^[0-9]+([.-][0-9]+)*$", v)
for (p in lines) {
  if (!ok(p[1]) || !ok(p[2])) { cat("?\n"); next }
  c <- suppressWarnings(tryCatch(compareVersion(p[1], p[2]), error = function(e) NA))
  if (is.na(c)) { cat("?\n"); next }
  cat(if (c < 0) "<\n" else if (c > 0) ">\n" else "=\n")
}
"""

_MAVEN_JARS = ("/usr/share/java/maven3-artifact.jar", "/usr/share/java/commons-lang3.jar")
_MAVEN_MAIN = "org.apache.maven.artifact.versioning.ComparableVersion"


def _maven(lines: Sequence[Pair]) -> list[str]:
    """Through the class's own main program, which compares each argument with the one before."""
    answers: list[str] = []
    for start in range(0, len(lines), 500):
        chunk = lines[start : start + 500]
        arguments = [version for pair in chunk for version in pair]
        done = subprocess.run(
            ["java", "-cp", ":".join(_MAVEN_JARS), _MAVEN_MAIN, *arguments],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        compared = [line.split(" ") for line in done.stdout.split("\n") if line.startswith("   ")]
        answers.extend(fields[4].replace("==", "=") for fields in compared[::2])
    return answers


_GO = """package main
import ("bufio"; "fmt"; "os"; "strings"; "check/semver")
func main() {
  in := bufio.NewScanner(os.Stdin)
  for in.Scan() {
    p := strings.Split(in.Text(), "\\t")
    if !semver.IsValid(p[0]) || !semver.IsValid(p[1]) { fmt.Println("?"); continue }
    fmt.Println([]string{"<", "=", ">"}[semver.Compare(p[0], p[1])+1])
  }
}
"""


def _go_semver() -> Path | None:
    """The copy of golang.org/x/mod/semver that comes with the Go tool."""
    if shutil.which("go") is None:
        return None
    root = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    path = Path(root, "src/cmd/vendor/golang.org/x/mod/semver/semver.go")
    return path if path.exists() else None


def _go(lines: Sequence[Pair]) -> list[str]:
    source = _go_semver()
    assert source is not None
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "semver")
        package.mkdir()
        package.joinpath("semver.go").write_text(source.read_text())
        Path(folder, "go.mod").write_text("module check\n")
        Path(folder, "main.go").write_text(_GO)
        return _run(["go", "run", "."], lines, cwd=folder)


_CARGO = """use std::io::BufRead;
fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let mut parts = line.split('\\t').map(semver::Version::parse);
        match (parts.next().unwrap(), parts.next().unwrap()) {
            (Ok(a), Ok(b)) => {
                let order = (a.major, a.minor, a.patch, &a.pre).cmp(&(b.major, b.minor, b.patch, &b.pre));
                println!("{}", ["<", "=", ">"][(order as i8 + 1) as usize])
            }
            _ => println!("?"),
        }
    }
}
"""


def _crate() -> Path:
    """Debian's copy of the semver crate; a path that does not exist without it."""
    return next(iter(sorted(Path("/usr/share/cargo/registry").glob("semver-1.*"))), Path("/nonexistent"))


def _cargo(lines: Sequence[Pair]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "src").mkdir()
        Path(folder, "src/main.rs").write_text(_CARGO)
        # A copy: Debian's folder cannot be written to, and its checksum file is of no use here.
        shutil.copytree(_crate(), Path(folder, "semver"))
        Path(folder, "Cargo.toml").write_text(
            '[package]\nname = "check"\nversion = "0.0.0"\nedition = "2021"\n'
            '[dependencies]\nsemver = { path = "semver" }\n'
        )
        return _run(["cargo", "run", "--quiet", "--offline"], lines, cwd=folder)


def _pep440(lines: Sequence[Pair]) -> list[str]:
    from packaging.version import InvalidVersion, Version

    def verdict(a: str, b: str) -> str:
        try:
            x, y = Version(a), Version(b)
        except InvalidVersion:
            return "?"
        return "<" if x < y else ">" if x > y else "="

    return [verdict(a, b) for a, b in lines]


def _semver(lines: Sequence[Pair]) -> list[str]:
    from semver import Version

    def verdict(a: str, b: str) -> str:
        try:
            return _sign(Version.parse(a).compare(Version.parse(b)))
        except ValueError:
            return "?"

    return [verdict(a, b) for a, b in lines]


def debian_support(lines: Sequence[Pair]) -> list[str]:
    """python-debian in bulk: a second opinion on dpkg, stricter about what it takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from debian.debian_support import NativeVersion

    def verdict(a: str, b: str) -> str:
        try:
            x, y = NativeVersion(a), NativeVersion(b)
        except ValueError:
            return "?"
        return "<" if x < y else ">" if x > y else "="

    return [verdict(a, b) for a, b in lines]


REFERENCES: dict[str, Reference] = {
    "dpkg": Reference("dpkg", _has("dpkg"), "use Debian", _dpkg),
    "rpm": Reference(
        "rpm's Python module",
        _has("/usr/bin/python3", "/usr/lib/python3/dist-packages/rpm"),
        "apt-get install python3-rpm",
        lambda lines: _run(["/usr/bin/python3", "-c", _RPM], lines),
    ),
    "pep440": Reference("packaging", lambda: True, "pip install packaging", _pep440),
    "semver": Reference("semver for Python", lambda: True, "pip install semver", _semver),
    "npm": Reference(
        "node-semver",
        _has("node"),
        "apt-get install node-semver",
        lambda lines: _run(["node", "-e", _NPM], lines),
    ),
    "go": Reference("Go", lambda: _go_semver() is not None, "apt-get install golang-go", _go),
    "cargo": Reference(
        "Cargo with the semver crate",
        lambda: shutil.which("cargo") is not None and _crate().exists(),
        "apt-get install cargo librust-semver-dev",
        _cargo,
    ),
    "maven": Reference("Maven", _has("java", *_MAVEN_JARS), "apt-get install libmaven3-core-java", _maven),
    "gem": Reference("Ruby", _has("ruby"), "apt-get install ruby", lambda lines: _run(["ruby", "-e", _GEM], lines)),
    "composer": Reference(
        "composer/semver",
        _has("php", "/usr/share/php/Composer/Semver/autoload.php"),
        "apt-get install php-cli php-composer-semver",
        lambda lines: _run(["php", "-r", _COMPOSER], lines),
    ),
    "hex": Reference(
        "Elixir", _has("elixir"), "apt-get install elixir", lambda lines: _run(["elixir", "-e", _HEX], lines)
    ),
    "cran": Reference(
        "R",
        _has("Rscript"),
        "apt-get install r-base-core",
        lambda lines: _run(["Rscript", "-e", _CRAN], lines),
    ),
}
"""The tool of each scheme that has one which can be asked without its package index."""
