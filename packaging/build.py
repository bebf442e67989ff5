"""Makes what people install; run it with the Python of the virtual environment.

python packaging/build.py wheel          dist/ibjournal-VERSION-py3-none-any.whl
python packaging/build.py bundle         build/bundle/ibjournal: one folder with everything in it
python packaging/build.py deb            dist/ibjournal_VERSION_ARCH.deb, from the bundle
python packaging/build.py check          desktop entry, AppStream data and the wheel are sound
python packaging/build.py icons          build/icons/SIZE.png, from the program's own SVG
python packaging/build.py translations   the catalogue brought up to date with the sources
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from hatch_build import compile_catalogues

ROOT = Path(__file__).resolve().parent.parent
BUILD, DIST, LINUX = ROOT / "build", ROOT / "dist", ROOT / "packaging" / "linux"
RESOURCES = ROOT / "resources"
APP_ID = "io.github.ibjournal.IBJournal"
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)

# What the bundle leaves to the system (the C library, drivers, the display's own wire protocols): library -> Debian package.
SYSTEM_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxcb.so.1": "libxcb1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
C_LIBRARY = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2", "libutil.so.1"}
# Data that bundled libraries read from the system: fonts' configuration, locales of X, keyboard layouts.
DATA_PACKAGES = ("libfontconfig1", "libx11-6", "xkb-data")


def version() -> str:
    """Return the version that the package states."""
    text = (ROOT / "ibjournal" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if match is None:
        raise SystemExit("ibjournal/__init__.py states no version")
    return match[1]


def run(*command: str | Path, **environment: str) -> None:
    """Run a command in the project's folder; end with its status if it fails."""
    result = subprocess.run([str(part) for part in command], cwd=ROOT, env=os.environ | environment, check=False)
    if result.returncode:
        raise SystemExit(f"{Path(str(command[0])).name} failed")


def fresh(folder: Path) -> Path:
    """Return a folder, emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def icons() -> Path:
    """Draw the program's SVG in every size that desktops ask for; return the folder."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QRectF, Qt  # noqa: PLC0415 - the other commands need no Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter  # noqa: PLC0415
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415

    folder = fresh(BUILD / "icons")
    _application = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(str(RESOURCES / "icons" / "ibjournal.svg"))
    if not renderer.isValid():
        raise SystemExit("resources/icons/ibjournal.svg cannot be drawn")
    for size in ICON_SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        image.save(str(folder / f"{size}.png"))
    return folder


def translations() -> None:
    """Bring the German catalogue up to date with the sources, then compile it."""
    folder = RESOURCES / "translations"
    folder.mkdir(exist_ok=True)
    sources = sorted((ROOT / "ibjournal" / "gui").rglob("*.py"))
    relative = [str(path.relative_to(ROOT)) for path in sources]
    lupdate = Path(sys.executable).parent / "pyside6-lupdate"
    run(
        lupdate,
        *relative,
        "-ts",
        folder.relative_to(ROOT) / "ibjournal_de.ts",
        "-source-language",
        "en_US",
        "-no-obsolete",
        "-locations",
        "none",
    )
    compile_catalogues(folder)


def wheel() -> Path:
    """Build the wheel; return its path."""
    for old in DIST.glob("ibjournal-*.whl"):
        old.unlink()
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", DIST, ".")
    path = next(DIST.glob("ibjournal-*.whl"))
    print(path.relative_to(ROOT))
    return path


def bundle() -> Path:
    """Build the folder that needs nothing but the system; return its path."""
    compile_catalogues(RESOURCES / "translations")
    run(
        *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
        *("--workpath", BUILD / "pyinstaller", "--distpath", BUILD / "bundle"),
        ROOT / "packaging" / "pyinstaller" / "ibjournal.spec",
        PYINSTALLER_CONFIG_DIR=str(BUILD / "pyinstaller-cache"),
    )
    program = BUILD / "bundle" / "ibjournal"
    if sys.platform == "linux" and (unknown := outside(program) - C_LIBRARY - set(SYSTEM_LIBRARIES)):
        raise SystemExit(f"the bundle lacks {', '.join(sorted(unknown))}")
    return program


def outside(program: Path) -> set[str]:
    """Return the libraries that a bundle takes from the system, and those that it finds nowhere."""
    inside = {path.name for path in program.rglob("*.so*")}
    needed: set[str] = set()
    for path in [program / "ibjournal", *program.rglob("*.so*")]:
        listed = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=False).stdout
        needed.update(re.findall(r"^\s+NEEDED\s+(\S+)", listed, re.MULTILINE))
    return {name for name in needed - inside if not name.startswith("ld-linux")}


def glibc() -> str:
    """Return the version of the C library that the bundle was linked with and therefore needs."""
    return platform.libc_ver()[1] or "2.34"


def _install(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def _system_files(root: Path) -> None:
    """Put in place what the desktop reads: link, menu entry, AppStream data, icons, copyright, changelog."""
    share = root / "usr" / "share"
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "ibjournal").symlink_to("/opt/ibjournal/ibjournal")
    _install(LINUX / f"{APP_ID}.desktop", share / "applications" / f"{APP_ID}.desktop")
    _install(LINUX / f"{APP_ID}.metainfo.xml", share / "metainfo" / f"{APP_ID}.metainfo.xml")
    drawn = icons()
    for size in ICON_SIZES:
        _install(drawn / f"{size}.png", share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / f"{APP_ID}.png")
    _install(RESOURCES / "icons" / "ibjournal.svg", share / "icons" / "hicolor" / "scalable" / "apps" / f"{APP_ID}.svg")
    documents = share / "doc" / "ibjournal"
    _install(ROOT / "LICENSE", documents / "copyright")
    (documents / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0))


def _permissions(root: Path) -> None:
    """Make every folder and file readable by all and writable by root alone, whatever the umask was."""
    for path in [root, *root.rglob("*")]:
        if path.is_symlink():
            continue
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)


def _control(root: Path) -> None:
    """Write what dpkg wants to know of a package, and the sums of its files."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in files]
    depends = ", ".join((f"libc6 (>= {glibc()})", *sorted({*SYSTEM_LIBRARIES.values(), *DATA_PACKAGES})))
    template = (LINUX / "control.in").read_text(encoding="utf-8")
    kilobytes = sum(path.stat().st_size for path in files) // 1024
    control = template.format(version=version(), architecture=architecture(), depends=depends, kilobytes=kilobytes)
    folder = root / "DEBIAN"
    folder.mkdir()
    (folder / "control").write_text(control, encoding="utf-8")
    (folder / "md5sums").write_text("".join(sums), encoding="utf-8")


def architecture() -> str:
    """Return Debian's name for this machine's processor."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def deb() -> Path:
    """Build the Debian package; return its path."""
    program = bundle()
    root = fresh(BUILD / "deb")
    shutil.copytree(program, root / "opt" / "ibjournal", symlinks=True)
    _system_files(root)
    _permissions(root)
    _control(root)
    DIST.mkdir(exist_ok=True)
    package = DIST / f"ibjournal_{version()}_{architecture()}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, package)
    print(f"{package.relative_to(ROOT)}: {package.stat().st_size / 1e6:.0f} MB")
    return package


def check() -> None:
    """End with a sentence where something that people would install is not sound."""
    for tool, *arguments in (
        ("desktop-file-validate", LINUX / f"{APP_ID}.desktop"),
        ("appstreamcli", "validate", "--no-net", LINUX / f"{APP_ID}.metainfo.xml"),
    ):
        if shutil.which(tool):
            run(tool, *arguments)
        else:
            print(f"{tool} is not installed; left out")
    with zipfile.ZipFile(wheel()) as archive:
        names = set(archive.namelist())
    wanted = ["ibjournal/cli.py", "ibjournal/resources/icons/ibjournal.svg"]
    wanted += [
        f"ibjournal/{path.relative_to(ROOT / 'ibjournal')}" for path in (ROOT / "ibjournal" / "store" / "migrations").glob("*.sql")
    ]
    wanted += [f"ibjournal/resources/translations/{path.stem}.qm" for path in (RESOURCES / "translations").glob("*.ts")]
    if lacking := sorted(set(wanted) - names):
        raise SystemExit(f"the wheel lacks {', '.join(lacking)}")


COMMANDS: dict[str, Callable[[], object]] = {
    "wheel": wheel,
    "bundle": bundle,
    "deb": deb,
    "check": check,
    "icons": icons,
    "translations": translations,
}


def main(arguments: list[str]) -> int:
    """Run one command."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    COMMANDS[arguments[0]]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
