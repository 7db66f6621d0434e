#!/usr/bin/env python3
"""A page is well-formed, whole in itself and has words for every picture.

usage: page.py hostile|plain PROGRAM [ARGUMENT...]   (the program prints a page; hostile: of names that are markup)
"""
import re, subprocess, sys, xml.etree.ElementTree as tree
from html.parser import HTMLParser

page = subprocess.run(sys.argv[2:], check=True, stdout=subprocess.PIPE).stdout
text = page.decode("utf-8")
void = {"meta", "br", "wbr"}
wrong = []


class Reader(HTMLParser):
    """HTML as a browser reads it: tags, in the order of opening and closing."""
    open, seen, words = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            wrong.append(f"{self.getpos()}: </{tag}> closes nothing")

    def handle_data(self, data):
        self.words.append(data)


tree.fromstring(page)  # raises where a tag or an entity is not well-formed
reader = Reader(convert_charrefs=True)
reader.feed(text)
reader.close()
known = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "h1", "h2", "h3",
         "p", "ul", "li", "b", "small", "code", "span", "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
         "figure", "figcaption", "details", "summary", "wbr", "svg", "line", "text", "rect", "circle", "path", "polygon"}
for tag, attributes in reader.seen:
    if tag not in known:
        wrong.append(f"<{tag}> is no tag of the page")
    for name in attributes:
        if name in ("src", "href", "srcset", "action", "style", "xlink:href") or name.startswith("on"):
            wrong.append(f"<{tag} {name}> reaches outside")
    if tag == "th" and attributes.get("scope") not in ("row", "col"):
        wrong.append("a table head says not whether it is of a row or a column")
    if tag == "svg" and not attributes.get("aria-label") and attributes.get("aria-hidden") != "true":
        wrong.append("a picture without words")
if re.search(r"url\(|@import|https?:", text):
    wrong.append("the page names an address")
for words in [] if sys.argv[1] == "plain" else ('</title><script>alert("1")</script>&amp;', "<country>", "<owner>", 'a"><i>', "<ref>"):
    if words not in "".join(reader.words):
        wrong.append(f"{words} is not shown as it is")
if {"svg", "table", "path"} - {tag for tag, _ in reader.seen}:
    wrong.append("the page shows nothing")
if reader.open:
    wrong.append(f"left open: {reader.open}")
if wrong:
    sys.exit("\n".join(sorted(set(wrong))))
print(f"ok: {len(reader.seen)} tags")
