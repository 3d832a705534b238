import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
USES = re.compile(r"""(?:icons\.svg' %}|icons }})#([a-z0-9-]+)|\bicon\("([a-z0-9-]+)\"""")


def test_the_sprite_holds_the_icons_in_use_and_no_others():
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/js/**/*.js")]
    used = {a or b for source in sources for a, b in USES.findall(source.read_text())}
    held = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text()))
    assert held == used
