"""Library: a sample API that has never heard of Ouro.

This file knows an ordinary web API: books to create, read, replace and delete, and four doors
with four different locks. Everything lives in memory and is gone when the server stops.
"""

import csv
import io
import os
import secrets
from collections import Counter
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Path, Query, Response
from fastapi.security import (
    APIKeyHeader,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
)
from pydantic import BaseModel, Field

PORT = 9001

app = FastAPI(
    title="Library",
    version="1.0.0",
    description="A small library that lends books.",
    servers=[{"url": f"http://127.0.0.1:{PORT}"}],
)


class Genre(StrEnum):
    NOVEL = "novel"
    SCIENCE_FICTION = "science-fiction"
    TEXTBOOK = "textbook"


class Author(BaseModel):
    name: str = Field(min_length=1)
    born: int | None = Field(default=None, description="Year of birth.")


class BookDetails(BaseModel):
    title: str = Field(min_length=1)
    author: Author
    genre: Genre
    tags: list[str] = Field(default_factory=list)
    copies: int = Field(default=1, ge=0, description="Copies on the shelf.")


class Book(BookDetails):
    isbn: str = Field(pattern=r"^\d{13}$", description="ISBN of 13 digits, without hyphens.")


class Member(BaseModel):
    name: str
    loans: list[str] = Field(description="ISBNs of the books on loan.")


class Stats(BaseModel):
    titles: int
    copies: int
    genres: dict[Genre, int] = Field(description="Titles of each genre.")


class AdminDesk(BaseModel):
    user: str
    empty_shelves: list[str] = Field(description="ISBNs of the books that are all on loan.")


class Problem(BaseModel):
    detail: str


class CsvResponse(Response):
    media_type = "text/csv"


SHELF = [
    Book(
        isbn="9780262510875",
        title="Structure and Interpretation of Computer Programs",
        author=Author(name="Harold Abelson", born=1947),
        genre=Genre.TEXTBOOK,
        tags=["programming", "scheme"],
        copies=2,
    ),
    Book(
        isbn="9780141439518",
        title="Pride and Prejudice",
        author=Author(name="Jane Austen", born=1775),
        genre=Genre.NOVEL,
        tags=["classic", "romance"],
        copies=3,
    ),
    Book(
        isbn="9780441172719",
        title="Dune",
        author=Author(name="Frank Herbert", born=1920),
        genre=Genre.SCIENCE_FICTION,
        tags=["classic", "desert"],
        copies=0,
    ),
]
BOOKS = {book.isbn: book for book in SHELF}
ADA = Member(name="Ada", loans=["9780441172719"])

# The handlers are coroutines that never wait, so they run one at a time and need no lock.


# --- Locks ----------------------------------------------------------------------------------------


def matches(given: str, variable: str, default: str) -> bool:
    """Whether `given` is the secret of an environment variable, without telling how nearly."""
    return secrets.compare_digest(given.encode(), os.environ.get(variable, default).encode())


async def member(
    credentials: Annotated[
        HTTPAuthorizationCredentials, Depends(HTTPBearer(description="A member's token."))
    ],
) -> Member:
    if not matches(credentials.credentials, "LIBRARY_TOKEN", "let-me-read"):
        raise HTTPException(401, "unknown token", {"WWW-Authenticate": "Bearer"})
    return ADA


async def api_key(
    key: Annotated[
        str, Depends(APIKeyHeader(name="X-API-Key", description="The key of a statistician."))
    ],
) -> None:
    if not matches(key, "LIBRARY_API_KEY", "count-my-books"):
        raise HTTPException(401, "unknown API key", {"WWW-Authenticate": "APIKey"})


async def librarian(
    credentials: Annotated[
        HTTPBasicCredentials, Depends(HTTPBasic(description="A librarian's name and password."))
    ],
) -> str:
    known_password = matches(credentials.password, "LIBRARY_PASSWORD", "open-sesame")
    if credentials.username != "ada" or not known_password:
        raise HTTPException(401, "wrong name or password", {"WWW-Authenticate": "Basic"})
    return credentials.username


# --- Books ----------------------------------------------------------------------------------------

Isbn = Annotated[
    str, Path(pattern=r"^\d{13}$", description="ISBN of 13 digits.", examples=["9780441172719"])
]
UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "No such book"}}
LOCKED: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The wrong key, or none"}
}


def shelved(isbn: str) -> Book:
    if isbn not in BOOKS:
        raise HTTPException(404, f"no book {isbn}")
    return BOOKS[isbn]


@app.get("/books", summary="List books", operation_id="list_books", tags=["books"])
async def list_books(
    tag: Annotated[
        list[str], Query(default_factory=list, description="Only books with all of these tags.")
    ],
    q: Annotated[str, Query(description="Text to find in the title or the author's name.")] = "",
    limit: Annotated[int, Query(ge=1, le=100, description="How many books to return.")] = 20,
) -> list[Book]:
    """Search the shelves; without any filter, list all the books."""
    found = [
        book
        for book in BOOKS.values()
        if q.lower() in f"{book.title} {book.author.name}".lower() and set(tag) <= set(book.tags)
    ]
    return found[:limit]


@app.post(
    "/books",
    summary="Add a book",
    operation_id="add_book",
    tags=["books"],
    status_code=201,
    responses={409: {"model": Problem, "description": "The book is already there"}},
)
async def add_book(book: Book) -> Book:
    """Put a new book on the shelf."""
    if book.isbn in BOOKS:
        raise HTTPException(409, f"book {book.isbn} is already there")
    BOOKS[book.isbn] = book
    return book


@app.get(
    "/books/{isbn}",
    summary="Read a book",
    operation_id="get_book",
    tags=["books"],
    responses=UNKNOWN,
)
async def get_book(isbn: Isbn) -> Book:
    """Return one book."""
    return shelved(isbn)


@app.put(
    "/books/{isbn}",
    summary="Replace a book",
    operation_id="replace_book",
    tags=["books"],
    responses=UNKNOWN,
)
async def replace_book(isbn: Isbn, details: BookDetails) -> Book:
    """Replace all that is known about a book."""
    shelved(isbn)
    BOOKS[isbn] = Book(isbn=isbn, **details.model_dump())
    return BOOKS[isbn]


@app.delete(
    "/books/{isbn}",
    summary="Remove a book",
    operation_id="remove_book",
    tags=["books"],
    status_code=204,
    responses=UNKNOWN,
)
async def remove_book(isbn: Isbn) -> None:
    """Take a book off the shelf for good."""
    shelved(isbn)
    del BOOKS[isbn]


# --- Locked doors ---------------------------------------------------------------------------------


@app.get(
    "/members/me",
    summary="Read my card",
    operation_id="read_me",
    tags=["members"],
    responses=LOCKED,
)
async def read_me(reader: Annotated[Member, Depends(member)]) -> Member:
    """Return the card of the member whose token it is."""
    return reader


@app.get(
    "/stats",
    summary="Count the books",
    operation_id="get_stats",
    tags=["desk"],
    dependencies=[Depends(api_key)],
    responses=LOCKED,
)
async def get_stats() -> Stats:
    """Count titles, copies and genres."""
    books = BOOKS.values()
    return Stats(
        titles=len(books),
        copies=sum(book.copies for book in books),
        genres=Counter(book.genre for book in books),
    )


@app.get(
    "/admin",
    summary="Open the desk",
    operation_id="get_admin",
    tags=["desk"],
    responses=LOCKED,
)
async def get_admin(user: Annotated[str, Depends(librarian)]) -> AdminDesk:
    """Show the librarian which books are all on loan."""
    return AdminDesk(
        user=user, empty_shelves=[book.isbn for book in BOOKS.values() if not book.copies]
    )


@app.get(
    "/export",
    summary="Export the catalogue",
    operation_id="export_books",
    tags=["desk"],
    response_class=CsvResponse,
)
async def export_books() -> CsvResponse:
    """Return the whole catalogue as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["isbn", "title", "author", "genre", "copies"])
    writer.writerows(
        [book.isbn, book.title, book.author.name, book.genre, book.copies]
        for book in BOOKS.values()
    )
    return CsvResponse(text.getvalue())


if __name__ == "__main__":
    # Imported here so that the app can also be loaded from elsewhere, without its neighbour.
    from serving import serve

    serve(app, port=PORT)
