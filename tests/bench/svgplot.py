# SPDX-License-Identifier: GPL-2.0
"""Line charts as SVG, with the standard library alone.

A Panel has axes (logarithmic or not) and series; write() puts panels side by
side. A series may have a range for each point (min, max), drawn as a whisker.
Its name is at its right end, so the legend has the order of the lines.
"""

import math
from xml.sax.saxutils import escape

FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"
WIDTH, HEIGHT = 640, 460
LEFT, RIGHT, TOP, BOTTOM = 78, 150, 62, 58
# Okabe and Ito: distinct with any colour vision; and each has its marker
COLOURS = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
           "#000000"]
MARKERS = ["circle", "square", "triangle", "diamond", "cross", "down", "plus"]


class Series:
    """points: [(x, y)] or [(x, y, low, high)]; style: index of a colour"""

    def __init__(self, name, points, style):
        self.name = name
        self.points = sorted(points)
        self.colour = COLOURS[style % len(COLOURS)]
        self.marker = MARKERS[style % len(MARKERS)]


class Axis:
    def __init__(self, label, values, log, ticks=None, zero=False):
        low, high = min(values), max(values)
        self.label = label
        self.log = log
        if log:
            self.low, self.high = low / 1.25, high * 1.25
        else:
            self.low = 0 if zero else low - 0.05 * (high - low or 1)
            self.high = high + 0.08 * (high - self.low or 1)
        self.ticks = ticks or self.nice()

    def nice(self):
        if not self.log:
            step = 10 ** math.floor(math.log10((self.high - self.low) / 4))
            while (self.high - self.low) / step > 8:
                step *= 2 if (self.high - self.low) / step <= 16 else 2.5
            first = math.ceil(self.low / step)
            return [step * i for i in
                    range(first, math.floor(self.high / step) + 1)]
        decades = range(math.floor(math.log10(self.low)),
                        math.ceil(math.log10(self.high)) + 1)
        ticks = [m * 10 ** d for d in decades for m in (1, 2, 5)]
        return [t for t in ticks if self.low <= t <= self.high]

    def place(self, value):
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def number(v):
    if v == int(v):
        return f"{int(v):,}"
    return f"{v:g}"


def text(x, y, what, size=13, anchor="middle", more=""):
    return (f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' {FONT} "
            f"text-anchor='{anchor}' {more}>{escape(what)}</text>")


def marker(kind, x, y, colour):
    r = 4.5
    shapes = {
        "square": f"M{x - r},{y - r}h{2 * r}v{2 * r}h{-2 * r}z",
        "triangle": f"M{x},{y - r - 1}l{r + 1},{2 * r}h{-2 * r - 2}z",
        "down": f"M{x},{y + r + 1}l{r + 1},{-2 * r}h{-2 * r - 2}z",
        "diamond": f"M{x},{y - r - 1}l{r + 1},{r + 1}l{-r - 1},{r + 1}"
                   f"l{-r - 1},{-r - 1}z",
        "cross": f"M{x - r},{y - r}l{2 * r},{2 * r}m0,{-2 * r}"
                 f"l{-2 * r},{2 * r}",
        "plus": f"M{x - r},{y}h{2 * r}M{x},{y - r}v{2 * r}",
    }
    if kind == "circle":
        return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{r}' fill='{colour}'/>"
    return (f"<path d='{shapes[kind]}' fill='{colour}' stroke='{colour}' "
            "stroke-width='2'/>")


def spread(wanted, gap, low, high):
    """Places near the wanted ones, in their order, at least gap apart."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    places = dict()
    at = low
    for i in order:
        at = max(at, wanted[i])
        places[i] = at
        at += gap
    limit = high
    for i in reversed(order):
        places[i] = min(places[i], limit)
        limit = places[i] - gap
    return [places[i] for i in range(len(wanted))]


class Panel:
    def __init__(self, title, x_label, y_label, series, log=(True, True),
                 x_ticks=None):
        self.title = title
        self.series = [s for s in series if s.points]
        points = [p for s in self.series for p in s.points]
        values = [v for p in points for v in p[1:]]
        self.x = Axis(x_label, [p[0] for p in points], log[0], x_ticks)
        self.y = Axis(y_label, values, log[1], zero=True)

    def at(self, x, y):
        w, h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return (LEFT + w * self.x.place(x),
                HEIGHT - BOTTOM - h * self.y.place(y))

    def axes(self):
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        out = [text(LEFT, 46, self.title, 14, "start", "font-weight='bold'")]
        for t in self.y.ticks:
            _, y = self.at(self.x.low, t)
            out.append(f"<path d='M{LEFT},{y:.1f}H{right}' stroke='#ddd'/>")
            out.append(text(LEFT - 8, y + 4, number(t), 12, "end"))
        for t in self.x.ticks:
            x, _ = self.at(t, self.y.high)
            out.append(f"<path d='M{x:.1f},{TOP}V{bottom + 5}' "
                       "stroke='#ddd'/>")
            out.append(text(x, bottom + 20, number(t), 12))
        out.append(f"<path d='M{LEFT},{TOP}V{bottom}H{right}' fill='none' "
                   "stroke='#333'/>")
        out.append(text((LEFT + right) / 2, HEIGHT - 14, self.x.label))
        middle = (TOP + bottom) / 2
        out.append(text(18, middle, self.y.label, 13, "middle",
                        f"transform='rotate(-90 18 {middle:.1f})'"))
        return out

    def line(self, s):
        at = [self.at(p[0], p[1]) for p in s.points]
        out = ["<path d='M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in at) +
               f"' fill='none' stroke='{s.colour}' stroke-width='2'/>"]
        for p, (x, y) in zip(s.points, at):
            if len(p) == 4:
                low, high = self.at(p[0], p[2])[1], self.at(p[0], p[3])[1]
                out.append(f"<path d='M{x:.1f},{low:.1f}V{high:.1f}"
                           f"M{x - 4:.1f},{low:.1f}h8"
                           f"M{x - 4:.1f},{high:.1f}h8' "
                           f"stroke='{s.colour}' stroke-width='1.5'/>")
            out.append(marker(s.marker, round(x, 1), round(y, 1), s.colour))
        return out

    def legend(self):
        right = WIDTH - RIGHT
        ends = [self.at(*s.points[-1][:2]) for s in self.series]
        places = spread([y for _, y in ends], 19, TOP, HEIGHT - BOTTOM)
        out = []
        for s, (x, y), place in zip(self.series, ends, places):
            out.append(f"<path d='M{x + 6:.1f},{y:.1f}L{right + 8},"
                       f"{place:.1f}h6' fill='none' stroke='{s.colour}' "
                       "stroke-width='1' stroke-dasharray='2 2'/>")
            out.append(marker(s.marker, right + 22, round(place, 1),
                              s.colour))
            out.append(text(right + 32, place + 4, s.name, 13, "start",
                            f"fill='{s.colour}' font-weight='bold'"))
        return out

    def draw(self):
        out = self.axes()
        for s in self.series:
            out += self.line(s)
        return out + self.legend()


def write(name, title, panels):
    width = WIDTH * len(panels)
    with open(name, "w", encoding="utf-8") as f:
        f.write("<svg xmlns='http://www.w3.org/2000/svg' "
                f"viewBox='0 0 {width} {HEIGHT}' width='{width}' "
                f"height='{HEIGHT}'>\n"
                f"<title>{escape(title)}</title>\n"
                f"<rect width='{width}' height='{HEIGHT}' fill='white'/>\n" +
                text(LEFT, 22, title, 15, "start", "font-weight='bold'") +
                "\n")
        for i, panel in enumerate(panels):
            f.write(f"<g transform='translate({i * WIDTH} 0)'>\n" +
                    "\n".join(panel.draw()) + "\n</g>\n")
        f.write("</svg>\n")
