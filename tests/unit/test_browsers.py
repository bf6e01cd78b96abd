"""The family of a browser from the name it gives itself; nearly all of them also call themselves something else."""

import pytest

from server.web.browsers import family

IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (f"{IOS} Version/18.1 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        (f"{IOS} CriOS/142.0 Mobile/15E148 Safari/604.1", "Chrome, iPhone"),
        (f"{IOS} FxiOS/144.0 Mobile/15E148 Safari/605.1.15", "Firefox, iPhone"),
        (f"{IOS} Mobile/15E148 [FBAN/FBIOS;FBAV/490.0]", "an app's window, iPhone"),
        (f"{ANDROID} Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        (f"{ANDROID} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet, Android"),
        (ANDROID.replace("Pixel 9", "Pixel 9; wv") + " Chrome/142.0 Mobile", "an app's window, Android"),
        (WINDOWS, "Chrome, Windows"),
        (f"{WINDOWS} Edg/142.0", "Edge, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
            "Safari, Mac",
        ),
        ("<script>", None),
        ("", None),
    ],
)
def test_family(agent: str, expected: str | None) -> None:
    assert family(agent) == expected
