"""Whole relational models of real data: those of `tests/real` with references, and the tables they leave out."""

from __future__ import annotations

from pathlib import Path

from bench import Bench

REAL = Path(__file__).parents[1] / "real"
SERVED = "serving: {warehouse: true}\n"


def _new(name: str, of: str, file: str, rest: str) -> str:
    head = f"dataset: {name}\ndomain: {of}\nowner: tests@example.org\ndescription: One row per row of {file}.\n"
    return f'{head}source: {{path: {file}, null_texts: ["", "NULL"]}}\n{rest}'


def _column(name: str, source: str, kind: str, more: str = "") -> str:
    return f"  - {{name: {name}, source: {source}, type: {kind}{more}}}\n"


def _id(name: str, source: str, kind: str = "int") -> str:
    return _column(name, source, kind, ", required: true")


CHINOOK_NEW = {
    "employees": _new(
        "employees", "chinook", "Employee.csv",
        "columns:\n" + _id("employee_id", "EmployeeId") + _column("title", "Title", "string")
        + _column("reports_to", "ReportsTo", "int")
        + _column("hired_on", "HireDate", "date", ', formats: ["yyyy-MM-dd HH:mm:ss"]')
        + _column("email", "Email", "string", ", classification: email") + "key: [employee_id]\n",
    ).replace("source: {path", "source: {ignore: [LastName, FirstName, BirthDate, Address, City, State, Country, "
              "PostalCode, Phone, Fax], path"),
    "media_types": _new("media_types", "chinook", "MediaType.csv",
                        "columns:\n" + _id("media_type_id", "MediaTypeId") + _column("name", "Name", "string")
                        + "key: [media_type_id]\n"),
    "playlists": _new("playlists", "chinook", "Playlist.csv",
                      "columns:\n" + _id("playlist_id", "PlaylistId") + _column("name", "Name", "string")
                      + "key: [playlist_id]\n"),
    "playlist_tracks": _new("playlist_tracks", "chinook", "PlaylistTrack.csv",
                            "columns:\n" + _id("playlist_id", "PlaylistId") + _id("track_id", "TrackId")
                            + "key: [playlist_id, track_id]\n"),
}  # fmt: skip
CHINOOK_REFERENCES = {
    "albums": "[{columns: [artist_id], to: artists}]",
    "tracks": "[{columns: [album_id], to: albums}, {columns: [genre_id], to: genres},"
    " {columns: [media_type_id], to: media_types}]",
    "employees": "[{columns: [reports_to], to: employees, otherwise: stop}]",
    "customers": "[{columns: [support_rep_id], to: employees}]",
    "invoices": "[{columns: [customer_id], to: customers}]",
    "invoice_lines": "[{columns: [invoice_id], to: invoices}, {columns: [track_id], to: tracks}]",
    "playlist_tracks": "[{columns: [playlist_id], to: playlists}, {columns: [track_id], to: tracks}]",
}

NORTHWIND_NEW = {
    "regions": _new("regions", "northwind", "regions.csv",
                    "columns:\n" + _id("region_id", "regionID") + _column("name", "regionDescription", "string")
                    + "key: [region_id]\n"),
    "shippers": _new("shippers", "northwind", "shippers.csv",
                     "columns:\n" + _id("shipper_id", "shipperID") + _column("name", "companyName", "string")
                     + _column("phone", "phone", "string") + "key: [shipper_id]\n"),
    "territories": _new("territories", "northwind", "territories.csv",
                        "columns:\n" + _id("territory_id", "territoryID", "string")
                        + _column("name", "territoryDescription", "string") + _id("region_id", "regionID")
                        + "key: [territory_id]\n"),
    "employee_territories": _new("employee_territories", "northwind", "employee-territories.csv",
                                 "columns:\n" + _id("employee_id", "employeeID")
                                 + _id("territory_id", "territoryID", "string") + "key: [employee_id, territory_id]\n"),
}  # fmt: skip
NORTHWIND_REFERENCES = {
    "territories": "[{columns: [region_id], to: regions}]",
    "employees": "[{columns: [reports_to], to: employees, otherwise: stop}]",
    "employee_territories": "[{columns: [employee_id], to: employees}, {columns: [territory_id], to: territories}]",
    # Ragged rows are quarantined in suppliers, customers and orders: what refers to them is published with a warning.
    "products": "[{columns: [category_id], to: categories}, {columns: [supplier_id], to: suppliers, otherwise: warn}]",
    "orders": "[{columns: [customer_id], to: customers, otherwise: warn}, {columns: [employee_id], to: employees},"
    " {columns: [ship_via], to: shippers}]",
    "order_details": "[{columns: [order_id], to: orders, otherwise: warn}, {columns: [product_id], to: products}]",
}


def write_model(bench: Bench, name: str, new: dict[str, str], references: dict[str, str]) -> None:
    """Write the contracts of a set's eleven tables: those of `tests/real` that read files, and the new ones."""
    folder = bench.root / "contracts"
    folder.mkdir(exist_ok=True)
    texts = {file.stem: file.read_text(encoding="utf-8") for file in (REAL / name / "contracts").glob("*.yaml")}
    datasets = {stem: text for stem, text in texts.items() if "query:" not in text} | new
    for stem, text in datasets.items():
        more = f"references: {references[stem]}\n" if stem in references else ""
        (folder / f"{stem}.yaml").write_text(f"{text.rstrip()}\n{more}{SERVED}", encoding="utf-8")
