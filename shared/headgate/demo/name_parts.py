"""The words that names are put together from."""

from __future__ import annotations

ADJECTIVES = (
    "Velvet", "Silent", "Northern", "Golden", "Broken", "Electric", "Hollow", "Paper", "Midnight", "Copper",
    "Distant", "Wild", "Blue", "Second", "Burning", "Lunar", "Quiet", "Crooked", "Tender", "Neon",
)  # fmt: skip
NOUNS = (
    "Foxes", "Harbour", "Machine", "Rivers", "Orchard", "Signal", "Mirrors", "Lanterns", "Kites", "Avenue",
    "Thunder", "Garden", "Satellites", "Ghosts", "Bicycle", "Monsoon", "Sparrows", "Atlas", "Carousel", "Tides",
)  # fmt: skip
PLACES = (
    "Lisboa", "Malmö", "Kyoto", "Bogotá", "Leeds", "Tbilisi", "Austin", "Nantes", "Accra", "Zürich", "Porto",
    "Oslo", "Dakar", "Lviv", "Bergen", "Cusco", "Graz", "Hanoi", "Perth", "Turku",
)  # fmt: skip
PLAYLIST_WORDS = (
    "Pure", "Essential", "Fresh", "Midnight", "Sunday", "Roadside", "Deep", "Classic", "Endless", "New",
)  # fmt: skip
VERBS = (
    "Waiting for", "Leaving", "Under", "Dancing with", "Beyond", "Chasing", "Return of", "Letters to", "Lost in",
    "Songs for", "Falling into", "Meet me at", "Without", "Counting", "Stealing",
)  # fmt: skip

# Names that break careless readers: commas, quotes, accents, spaces around them, other scripts.
ODD_NAMES = (
    'Nina "Volt" Okafor', "Smith, Wesson & Daughters", "Björk's Neighbours", "  The Padded Cell  ", "Ñandú",
    "東京サンセット", "Café Noir; the Band", "O'Malley, O'Neill", "Μουσική Ομάδα", 'AC, DC & "The Others"',
)  # fmt: skip

GENRES = {
    "edm": ("big room", "electro house", "pop edm", "progressive electro house"),
    "latin": ("latin hip hop", "latin pop", "reggaeton", "tropical"),
    "pop": ("dance pop", "electropop", "indie poptimism", "post-teen pop"),
    "r&b": ("hip pop", "neo soul", "new jack swing", "urban contemporary"),
    "rap": ("gangster rap", "hip hop", "southern hip hop", "trap"),
    "rock": ("album rock", "classic rock", "hard rock", "permanent wave"),
}
