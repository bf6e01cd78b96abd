"""Where browsers are told to find the relay, and why they might not reach it there."""

from ipaddress import ip_address

from server.config import LOOPBACK_NAMES, Config, is_loopback


def offered(config: Config, own: tuple[str, ...]) -> tuple[str, ...]:
    """`own`: this machine's addresses, the likeliest first. A request that comes to one of them is offered that one."""
    return config.media.public_addresses or own[:1]


def trouble(config: Config, own: tuple[str, ...]) -> str:
    """A sentence for the operator; "" where nothing is wrong, or nobody comes from elsewhere."""
    if config.media.relay == "turn" or is_loopback(config.base_url):
        return ""
    told = ", ".join(offered(config, own))
    if told and any(ip_address(each).is_global for each in offered(config, own)):
        return ""
    if config.media.public_addresses:
        return (
            f"media.public_addresses names {told}: browsers outside this network cannot reach that. Put the public "
            f"address that port {config.media.port} leads here from"
        )
    if config.server.host in LOOPBACK_NAMES:
        return (
            "media.public_addresses is empty, and behind a web server browsers are told "
            f"{told or 'no address but loopback'}: outside this network they cannot reach that. Put the public address "
            f"of this machine, or the one that port {config.media.port} leads here from"
        )
    return (
        f"media.public_addresses is empty, and this machine's own address is {told or 'on loopback only'}: behind a "
        f"router, put the public address that port {config.media.port} leads here from"
    )
