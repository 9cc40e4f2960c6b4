ALL: tuple[str, ...]
