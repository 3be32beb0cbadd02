"""Persistent arrays and lists: a change copies the pages it touches and leaves the old version as it was.

A fleet of a million devices has arrays of megabytes and a map of 60,000 bitmaps. Copying them whole for one device's
report would cost milliseconds; a lock would make readers wait for long folds. So a version of the index is a handful of
``PagedArray`` and ``PagedList`` values that never change, and an edit makes new ones that share all untouched pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")
Array = npt.NDArray[Any]

PAGE_ITEMS = 8192
"""Numbers in one page of an array, whatever its width."""

LIST_PAGE = 256

FEW_CELLS = 32
"""Up to so many cells are added to one by one; for more of them the pages are found in one go."""
_FEW = 512
"""Fewer than this part of all rows are taken one by one: putting the pages together would take longer."""


class PagedArray:
    """A numpy array in pages of ``rows`` rows; rows that were never written are ``fill``. Never changed.

    ``width``: columns of a two-dimensional array, None for one dimension. ``len`` is a whole number of pages.
    """

    __slots__ = ("_pages", "_whole", "dtype", "fill", "rows", "width")

    def __init__(
        self, dtype: npt.DTypeLike, *, width: int | None = None, fill: int = 0, pages: Sequence[Array] = ()
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.width = width
        self.fill = fill
        self.rows = max(16, PAGE_ITEMS // (width or 1))
        self._pages = tuple(pages)
        self._whole: Array | None = None

    @classmethod
    def of(cls, values: Array, *, fill: int = 0) -> PagedArray:
        """Pages over a copy of ``values``."""
        editor = PagedArray(values.dtype, width=None if values.ndim == 1 else values.shape[1], fill=fill).edit()
        whole = editor.contiguous(len(values))
        whole[: len(values)] = values
        return editor.freeze()

    def __len__(self) -> int:
        return len(self._pages) * self.rows

    def whole(self) -> Array:
        """All rows as one read-only array; made once a version."""
        if self._whole is None:
            shape = (0,) if self.width is None else (0, self.width)
            whole = np.concatenate(self._pages) if self._pages else np.empty(shape, self.dtype)
            whole.flags.writeable = False
            self._whole = whole
        return self._whole

    def sums(self, columns: slice | list[int]) -> npt.NDArray[np.int64]:
        """Of each row the sum of some columns; it has to be one that ``dtype`` holds."""
        if not self._pages:
            return np.empty(0, np.int64)
        ones = np.ones(len(range(self.width or 0)[columns]) if isinstance(columns, slice) else len(columns), self.dtype)
        return np.concatenate([page[:, columns] @ ones for page in self._pages]).astype(np.int64)

    def share(self, whole: Array) -> None:
        """Say that all pages lie in this array, so that ``whole`` need not put them together."""
        self._whole = whole.view()
        self._whole.flags.writeable = False

    def one(self, index: int) -> Any:
        """One row (a numpy scalar or a row view); ``fill`` beyond the end."""
        page, offset = divmod(index, self.rows)
        if page >= len(self._pages):
            return self.dtype.type(self.fill) if self.width is None else np.full(self.width, self.fill, self.dtype)
        return self._pages[page][offset]

    def take(self, indices: Array) -> Array:
        """Rows at ``indices`` (any order, any unsigned or signed integers); ``fill`` beyond the end."""
        if len(indices) == 0:
            shape = (0,) if self.width is None else (0, self.width)
            return np.empty(shape, self.dtype)
        if self._whole is None and len(indices) * _FEW < len(self):
            return np.array([self.one(index) for index in indices.tolist()], self.dtype)
        whole = self.whole()
        if int(indices.max()) < len(whole):
            return np.asarray(whole[indices])
        inside = indices < len(whole)
        shape = (len(indices),) if self.width is None else (len(indices), self.width)
        rows = np.full(shape, self.fill, self.dtype)
        rows[inside] = whole[indices[inside]]
        return rows

    def pages(self) -> tuple[Array, ...]:
        """The pages themselves, for sharing; treat them as read-only."""
        return self._pages

    def edit(self) -> ArrayEditor:
        """Start a new version."""
        return ArrayEditor(self)


class ArrayEditor:
    """The new version of a ``PagedArray`` while it is made. Not thread-safe: one writer."""

    def __init__(self, base: PagedArray) -> None:
        self._base = base
        self.rows = base.rows
        self._pages: list[Array] = list(base.pages())
        self._own: set[int] = set()
        self._whole: Array | None = None
        self._dirty = False

    def __len__(self) -> int:
        return len(self._pages) * self.rows

    def one(self, index: int) -> Any:
        """As ``PagedArray.one``, of the version being made."""
        page, offset = divmod(index, self.rows)
        if page >= len(self._pages):
            return self._empty_row()
        return self._pages[page][offset]

    def set(self, index: int, value: Any) -> None:
        """Write one row."""
        page, offset = divmod(index, self.rows)
        self._page(page)[offset] = value

    def take(self, indices: Array) -> Array:
        """Rows at sorted ``indices``; ``fill`` beyond the end."""
        parts = [
            self._pages[page][local] if page < len(self._pages) else self._empty_rows(len(local))
            for page, local, _ in _by_page(indices, self.rows)
        ]
        return np.concatenate(parts) if parts else self._empty_rows(0)

    def put(self, indices: Array, values: Array) -> None:
        """Write rows at sorted, distinct ``indices``."""
        for page, local, part in _by_page(indices, self.rows):
            self._page(page)[local] = values[part]

    def add(self, indices: Array, amount: Any) -> None:
        """Add one amount to the rows at sorted, distinct ``indices``."""
        for page, local, _ in _by_page(indices, self.rows):
            self._page(page)[local] += amount

    def add_cells(self, indices: Array, columns: Array, amounts: Array) -> None:
        """Add to single cells of a two-dimensional array; indices in any order, repeats add up."""
        if len(indices) <= FEW_CELLS:
            for index, column, amount in zip(indices.tolist(), columns.tolist(), amounts.tolist(), strict=True):
                page, offset = divmod(index, self.rows)
                self._page(page)[offset, column] += amount
            return
        order = np.argsort(indices, kind="stable")
        columns, amounts = columns[order], amounts[order]
        for page, local, part in _by_page(indices[order], self.rows):
            np.add.at(self._page(page), (local, columns[part]), amounts[part])

    @property
    def is_contiguous(self) -> bool:
        """Whether the pages lie in one array already, so that ``contiguous`` costs nothing."""
        return self._whole is not None

    def contiguous(self, length: int) -> Array:
        """All rows as one writable array of at least ``length`` rows, which the pages now are views of.

        For folds over everything: no page arithmetic, one copy.
        """
        if self._whole is not None and len(self._whole) >= length:
            return self._whole
        pages = max(len(self._pages), -(-length // self.rows))
        shape = (pages * self.rows,) if self._base.width is None else (pages * self.rows, self._base.width)
        whole = np.full(shape, self._base.fill, self._base.dtype)
        if self._pages:
            np.concatenate(self._pages, out=whole[: len(self)])
        self._pages = [whole[start : start + self.rows] for start in range(0, len(whole), self.rows)]
        self._own = set(range(pages))
        self._whole = whole
        self._dirty = True
        return whole

    def freeze(self) -> PagedArray:
        """The new version; the same object when nothing was written. The editor goes on from it."""
        if self._dirty:
            base = self._base
            self._base = PagedArray(base.dtype, width=base.width, fill=base.fill, pages=self._pages)
            if self._whole is not None:
                self._base.share(self._whole)
                self._whole = None
            self._own = set()
            self._dirty = False
        return self._base

    def _page(self, page: int) -> Array:
        if page in self._own:
            return self._pages[page]
        while page >= len(self._pages):
            self._whole = None
            self._own.add(len(self._pages))
            self._pages.append(self._empty_rows(self.rows))
        if page not in self._own:
            self._pages[page] = self._pages[page].copy()
            self._own.add(page)
        self._dirty = True
        return self._pages[page]

    def _empty_rows(self, count: int) -> Array:
        shape = (count,) if self._base.width is None else (count, self._base.width)
        return np.full(shape, self._base.fill, self._base.dtype)

    def _empty_row(self) -> Any:
        return self._empty_rows(1)[0]


def _by_page(indices: Array, rows: int) -> Iterator[tuple[int, Array, slice]]:
    """Cut sorted indices into (page, offsets inside the page, slice of ``indices``)."""
    if len(indices) == 0:
        return
    wide = indices.astype(np.int64, copy=False)
    first, last = int(wide[0]) // rows, int(wide[-1]) // rows
    if first == last:
        yield first, wide - first * rows, slice(0, len(wide))
        return
    edges = np.searchsorted(wide, np.arange(first + 1, last + 1) * rows)
    start = 0
    for page, end in zip(range(first, last + 1), [*edges.tolist(), len(wide)], strict=True):
        if end > start:
            yield page, wide[start:end] - page * rows, slice(start, end)
        start = end


class PagedList(Generic[T]):
    """A list of objects by dense integer id, in pages of ``LIST_PAGE``. Never changed; absent is ``default``.

    "Absent" is by identity, and a page in which nothing was ever written is the one shared ``blank``.
    """

    __slots__ = ("_pages", "blank", "default")

    def __init__(self, default: T, pages: Sequence[list[T]] = (), blank: list[T] | None = None) -> None:
        self.default = default
        self.blank = [default] * LIST_PAGE if blank is None else blank
        self._pages = tuple(pages)

    def __getitem__(self, index: int) -> T:
        page = index // LIST_PAGE
        return self._pages[page][index % LIST_PAGE] if page < len(self._pages) else self.default

    def many(self, indices: Iterable[int]) -> list[T]:
        """The objects at ``indices``, in their order, without those beyond the end."""
        pages, count = self._pages, len(self._pages)
        return [pages[one // LIST_PAGE][one % LIST_PAGE] for one in indices if one // LIST_PAGE < count]

    def items(self) -> Iterator[tuple[int, T]]:
        """(id, value) in order of ids, without those that are ``default``."""
        default = self.default
        for start, page in self.filled():
            for index, value in enumerate(page, start):
                if value is not default:
                    yield index, value

    def filled(self) -> Iterator[tuple[int, list[T]]]:
        """(first id, page) of the pages in which something was written; treat them as read-only."""
        for number, page in enumerate(self._pages):
            if page is not self.blank:
                yield number * LIST_PAGE, page

    def pages(self) -> tuple[list[T], ...]:
        """The pages themselves, for sharing; treat them as read-only."""
        return self._pages

    def edit(self) -> ListEditor[T]:
        """Start a new version."""
        return ListEditor(self)


class ListEditor(Generic[T]):
    """The new version of a ``PagedList`` while it is made. Not thread-safe: one writer."""

    def __init__(self, base: PagedList[T]) -> None:
        self._base = base
        self._pages: list[list[T]] = list(base.pages())
        self._own: set[int] = set()

    def __getitem__(self, index: int) -> T:
        page = index // LIST_PAGE
        return self._pages[page][index % LIST_PAGE] if page < len(self._pages) else self._base.default

    def __setitem__(self, index: int, value: T) -> None:
        number = index // LIST_PAGE
        while number >= len(self._pages):
            self._pages.append(self._base.blank)
        if number not in self._own:
            self._pages[number] = self._pages[number].copy()
            self._own.add(number)
        self._pages[number][index % LIST_PAGE] = value

    def many(self, indices: Iterable[int]) -> list[T]:
        """As ``PagedList.many``, of the version being made."""
        pages, count = self._pages, len(self._pages)
        return [pages[one // LIST_PAGE][one % LIST_PAGE] for one in indices if one // LIST_PAGE < count]

    def freeze(self) -> PagedList[T]:
        """The new version; the same object when nothing was written. The editor goes on from it."""
        if self._own:
            self._base = PagedList(self._base.default, self._pages, self._base.blank)
            self._own = set()
        return self._base
