"""What browsers may do with our pages; the same on every answer, errors included."""

from server.web.settings import SiteFacts


def security_headers(site: SiteFacts, host: str, path: str = "") -> dict[str, str]:
    """`host` is one of our own: a foreign one must not get a say in the policy."""
    socket = f"wss://{host}" if site.is_secure(host) else f"ws://{host}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"media-src 'self' blob:; connect-src 'self' {socket}; manifest-src 'self'; worker-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "require-trusted-types-for 'script'; trusted-types bedside"
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": f"{PERMISSIONS}, display-capture={'(self)' if path.startswith(SHARES) else '()'}",
        "Referrer-Policy": "no-referrer",
        "Server": "Bedside",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    if path not in PUBLIC:
        headers["X-Robots-Tag"] = "noindex, nofollow"
    # A browser keeps this for a year and for every port of the name: not for a trial's certificate.
    if site.is_secure(host) and f"https://{host}" not in site.own_tls:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


# What search engines may show: no address with a token in it, and nobody's own pages.
PUBLIC = frozenset({"/", "/book"})
# Where a screen can be shared: the clinician's side of a call.
SHARES = "/clinic/consult/"
PERMISSIONS = (
    "camera=(self), microphone=(self), fullscreen=(self), autoplay=(self), "
    "screen-wake-lock=(self), geolocation=(), payment=(), usb=(), serial=(), midi=()"
)
