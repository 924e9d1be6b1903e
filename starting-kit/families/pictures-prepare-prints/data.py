"""Four small pictures in a text format, with all that the format allows and decoders forget."""

NAMES = "acorn barn canoe daisy eagle fern gate heron inlet jetty kiln lotus".split()
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+@#$%&*=-;:>,<1234567890"


def colour(random):
    """Return a colour as (red, green, blue)."""
    return tuple(random.choice([0, 15, 40, 90, 128, 170, 200, 255, random.randrange(256)]) for _ in range(3))


def painting(random):
    """Return a picture as rows of colours: a few areas with noise on a ground that may reach in from the edges."""
    width, height = random.randrange(11, 20), random.randrange(9, 17)
    ground, colours = colour(random), [colour(random) for _ in range(9)]
    rows = [[ground] * width for _ in range(height)]
    top, left = random.randrange(1, 3), random.randrange(1, 4)
    bottom, right = height - random.randrange(1, 3), width - random.randrange(1, 4)
    for y in range(top, bottom):
        for x in range(left, right):
            if random.random() < 0.85:
                rows[y][x] = colours[(x // 4 + y // 3) % 5] if random.random() < 0.6 else random.choice(colours)
    return rows


def plain_ppm(rows, random):
    """Return a picture in the plain form of the portable pixmap, with comments and another maximum."""
    most = random.choice([255, 255, 100, 63, 1023])
    values = [channel * most // 255 for row in rows for pixel in row for channel in pixel]
    lines, line = [], []
    for value in values:
        line.append(str(value))
        if len(line) >= 12 or random.random() < 0.06:
            lines.append((" " if random.random() < 0.8 else "\t").join(line))
            line = []
            if random.random() < 0.1:
                lines.append(f"# {random.randrange(90)} percent")
    lines.append(" ".join(line))
    head = random.choice(
        [f"P3\n# scanned 12 times\n{len(rows[0])} {len(rows)}\n{most}", f"P3 {len(rows[0])}\n{len(rows)} {most} # most"]
    )
    return f"{head}\n" + "\n".join(lines) + "\n"


def xpm(name, rows, random):
    """Return a picture as an X pixmap: characters stand for the colours of a table."""
    colours = sorted({pixel for row in rows for pixel in row}, key=lambda pixel: random.random())
    size = random.choice([1, 2, 2])
    keys = random.sample([a + b for a in LETTERS for b in (LETTERS if size == 2 else [""])], len(colours))
    clear = colours[0]
    lines = []
    for key, pixel in zip(keys, colours, strict=True):
        short = "#" + "".join(f"{channel:02X}" for channel in pixel)
        wide = "#" + "".join(f"{channel:02x}{random.randrange(256):02x}" for channel in pixel)
        text = "None" if pixel == clear else random.choice([short, short.lower(), wide])
        more = random.choice(["", "", f"m {random.choice(['white', 'black'])} ", f"s area{random.randrange(9)} "])
        lines.append(f"{key}{random.choice([' ', chr(9)])}{more}c {text}")
    table = dict(zip(colours, keys, strict=True))
    lines += ["".join(table[pixel] for pixel in row) for row in rows]
    head = f"{len(rows[0])} {len(rows)} {len(colours)} {size}"
    body = ",\n".join(f'"{line}"' for line in lines)
    note = random.choice(["/* pixels */\n", ""])
    return f'/* XPM */\nstatic char *{name}[] = {{\n/* columns rows colors chars */\n"{head}",\n{note}{body}\n}};\n'


def svg(rows, random):
    """Return a drawing of rectangles: groups move them and lend them their colour, later ones cover earlier ones."""
    width, height = len(rows[0]), len(rows)
    palette = sorted({pixel for row in rows for pixel in row})

    def paint():
        pixel = random.choice(palette)
        short = all(channel % 17 == 0 for channel in pixel)
        return "#" + "".join(f"{c // 17:x}" for c in pixel) if short else "#" + "".join(f"{c:02X}" for c in pixel)

    def rect(own):
        box = [
            random.randrange(-3, width),
            random.randrange(-3, height),
            random.randrange(1, 7),
            random.randrange(1, 6),
        ]
        told = [
            f'{key}="{value}"'
            for key, value in zip(("x", "y", "width", "height"), box, strict=True)
            if value or key > "x"
        ]
        told += [f'fill="{paint()}"'] if own or random.random() < 0.5 else []
        random.shuffle(told)
        return f"<rect {' '.join(told)}/>"

    def group(depth):
        move = (
            f' transform="translate({random.randrange(-4, 5)},{random.randrange(-4, 5)})"'
            if random.random() < 0.8
            else ""
        )
        lines = [f'{"  " * depth}<g{move} fill="{paint()}">']
        for _ in range(random.randrange(3, 6)):
            lines += group(depth + 1) if depth < 3 and random.random() < 0.3 else [f"{'  ' * depth}  {rect(False)}"]
        return [*lines, f"{'  ' * depth}</g>"]

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">']
    for _ in range(3):
        lines += [f"  {rect(True)}", "  <!-- <rect width='9' height='9' fill='#000'/> -->", *group(1)]
    return "\n".join([*lines, "</svg>"]) + "\n"


def make(values, random):
    """Return the names and numbers of the prompt, and the files."""
    names = sorted(random.sample(NAMES, 4))
    ending = {"plain-ppm": "ppm"}.get(values["source"], values["source"])
    files, size = {}, 7
    for name in names:
        rows = painting(random)
        text = {
            "ppm": lambda: plain_ppm(rows, random),
            "xpm": lambda: xpm(name, rows, random),
            "svg": lambda: svg(rows, random),
        }[ending]()
        files[f"{name}.{ending}"] = text
    if values["tone"] == "inks":
        inks = ["#000000", "#ffffff", *("#" + bytes(colour(random)).hex() for _ in range(5))]
        random.shuffle(inks)
        files["inks.txt"] = "\n".join(inks) + "\n"
    if values["mark"] == "redact":
        boxes = []
        for name in names * 2:
            left, top = random.randrange(-3, 9), random.randrange(-3, 8)
            boxes.append(f"{name},{left},{top},{left + random.randrange(1, 8)},{top + random.randrange(1, 6)}")
        files["boxes.csv"] = "\n".join(["picture,left,top,right,bottom", *boxes]) + "\n"
    if values["mark"] == "stamp":
        size = random.choice([5, 6, 7])
        rows = ["".join(random.choice("##..#") for _ in range(size)) for _ in range(random.randrange(4, 6))]
        files["stamp.txt"] = "\n".join(rows) + "\n"
    words = {
        "ending": ending,
        "suffix": {"farbfeld": "ff"}.get(values["target"], values["target"]),
        "right": random.randrange(2, 8),
        "down": random.randrange(2, 7),
        "every": random.choice([3, 4, 5]),
        "edge": random.choice([1, 2, 3]),
        "edge_colour": bytes(random.choice([[200, 30, 30], [20, 40, 160], [240, 210, 0]])).hex(),
    }
    return words, {f"environment/pictures/{name}": text for name, text in files.items()}
