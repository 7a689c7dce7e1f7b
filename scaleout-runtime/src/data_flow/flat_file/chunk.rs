//! Rows that are found together: finding rows and making values of their fields are work for two
//! threads, and chunks are what goes from one to the other.

use std::io::Read;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::reader::{Notice, Place, ReadError, Reader};
use super::split::Field;

/// Bytes of rows after which a chunk is full: with its fields it stays in a processor's own cache.
const FULL: usize = 64 << 10;
/// Chunks that wait to be taken.
const AHEAD: usize = 12;
/// Smaller files are not worth a second thread.
pub(super) const WORTH_A_THREAD: u64 = 1 << 20;

/// Some rows, one after the other, and what came behind them.
#[derive(Default)]
pub(super) struct Chunk {
    data: Vec<u8>,
    /// Those of all rows, each as many as the format has columns; their places are those in `data`.
    fields: Vec<Field>,
    rows: Vec<Found>,
    /// All of `data` is ASCII, and none of it NUL: text in every code page.
    is_plain: bool,
    notices: Vec<Notice>,
    end: Option<Result<(), ReadError>>,
}

/// A row of a chunk.
struct Found {
    place: Place,
    /// Behind its last byte in `data`.
    end: usize,
}

impl Chunk {
    /// Finds rows until the chunk is full or there are no more.
    fn fill<R: Read>(&mut self, reader: &mut Reader<R>) {
        self.data.clear();
        self.fields.clear();
        self.rows.clear();
        self.end = None;
        while self.data.len() < FULL && self.end.is_none() {
            match reader.next_row() {
                Ok(Some(row)) => {
                    let base = self.data.len();
                    self.data.extend_from_slice(row.data);
                    let fields = row.fields.iter();
                    self.fields.extend(fields.map(|field| field.behind(base)));
                    self.rows.push(Found {
                        place: row.place,
                        end: self.data.len(),
                    });
                }
                Ok(None) => self.end = Some(Ok(())),
                Err(error) => self.end = Some(Err(error)),
            }
        }
        self.is_plain = self.data.is_ascii() && memchr::memchr(0, &self.data).is_none();
        self.notices = reader.notices();
    }

    /// Rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where a row was.
    pub(super) fn place(&self, row: usize) -> Place {
        self.rows[row].place
    }

    /// The bytes of a row without its delimiter.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        &self.data[self.start(row)..self.start(row + 1)]
    }

    /// The fields of a row, whose places are those in [`Chunk::data`].
    pub(super) fn fields(&self, row: usize) -> &[Field] {
        let width = self.width();
        &self.fields[row * width..(row + 1) * width]
    }

    /// One column of some rows.
    pub(super) fn column(&self, rows: Range<usize>, column: usize) -> impl Iterator<Item = Field> {
        let width = self.width();
        let fields = &self.fields[rows.start * width..rows.end * width];
        fields
            .chunks_exact(width.max(1))
            .map(move |row| row[column])
    }

    /// Bytes of some rows without their delimiters.
    pub(super) fn size(&self, rows: Range<usize>) -> usize {
        self.start(rows.end) - self.start(rows.start)
    }

    /// The bytes of all rows.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    /// The bytes of all rows as text, where that is the same in every code page.
    pub(super) fn text(&self) -> Option<&str> {
        let plain = self.is_plain.then_some(self.data.as_slice())?;
        std::str::from_utf8(plain).ok()
    }

    /// What was worth a warning about these rows.
    pub(super) fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Why no row follows these, if none does.
    pub(super) fn end(&mut self) -> Option<Result<(), ReadError>> {
        self.end.take()
    }

    /// Where a row begins in `data`, which is where the one before it ends.
    fn start(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |before| self.rows[before].end)
    }

    /// Columns of the format.
    fn width(&self) -> usize {
        self.fields.len() / self.rows.len().max(1)
    }
}

/// Hands all rows of a reader to `take`, chunk by chunk, until that fails or there are no more. With
/// `beside`, rows are found on a thread of their own, some chunks ahead.
pub(super) fn each_chunk<R: Read + Send, E>(
    mut reader: Reader<R>,
    beside: bool,
    take: &mut dyn FnMut(&mut Chunk) -> Result<Next, E>,
) -> Result<(), E> {
    if !beside {
        let mut chunk = Chunk::default();
        loop {
            chunk.fill(&mut reader);
            if take(&mut chunk)? == Next::Done {
                return Ok(());
            }
        }
    }
    let (full, found) = sync_channel(AHEAD);
    // Chunks come back, so that memory is not asked for again and again.
    let (back, used) = sync_channel(AHEAD + 2);
    std::thread::scope(|scope| {
        let finder = scope.spawn(move || find(&mut reader, &full, &used));
        let result = take_all(&found, &back, take);
        // Whoever finds rows ends when nobody takes them any more.
        drop(found);
        if let Err(panic) = finder.join() {
            std::panic::resume_unwind(panic);
        }
        result
    })
}

/// Whether another chunk is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is one.
    More,
    /// It was the last.
    Done,
}

fn find<R: Read>(reader: &mut Reader<R>, full: &SyncSender<Chunk>, used: &Receiver<Chunk>) {
    loop {
        let mut chunk = used.try_recv().unwrap_or_default();
        chunk.fill(reader);
        let is_last = chunk.end.is_some();
        if full.send(chunk).is_err() || is_last {
            return;
        }
    }
}

fn take_all<E>(
    found: &Receiver<Chunk>,
    back: &SyncSender<Chunk>,
    take: &mut dyn FnMut(&mut Chunk) -> Result<Next, E>,
) -> Result<(), E> {
    // The last chunk says that it is the last; a thread that panicked sends no more.
    while let Ok(mut chunk) = found.recv() {
        if take(&mut chunk)? == Next::Done {
            return Ok(());
        }
        // Whoever finds rows may have found the last one.
        let _ = back.try_send(chunk);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::format::Format;
    use super::super::testing::{delimited, qualified};
    use super::*;

    fn reader(text: &[u8]) -> Reader<Cursor<Vec<u8>>> {
        let format = Format::settle(&qualified(delimited(&["a", "b"]))).unwrap();
        Reader::open(Cursor::new(text.to_vec()), &format).unwrap()
    }

    /// A row with where it is, as text.
    fn text_of(place: Place, fields: &[Field], data: &[u8]) -> String {
        let fields = fields.iter().map(|field| {
            let content = &data[field.content()];
            format!("{:?} {}", field.form(), String::from_utf8_lossy(content))
        });
        format!("{place:?} {:?}", fields.collect::<Vec<_>>())
    }

    /// All rows, what was worth a warning, and the error at the end.
    type Read = (Vec<String>, Vec<Notice>, Option<String>);

    fn one_by_one(text: &[u8]) -> Read {
        let (mut reader, mut rows) = (reader(text), Vec::new());
        let error = loop {
            match reader.next_row() {
                Ok(Some(row)) => rows.push(text_of(row.place, row.fields, row.data)),
                Ok(None) => break None,
                Err(error) => break Some(format!("{error:?}")),
            }
        };
        (rows, reader.notices(), error)
    }

    fn in_chunks(text: &[u8], beside: bool) -> Read {
        let (mut rows, mut notices) = (Vec::new(), Vec::new());
        let result = each_chunk(reader(text), beside, &mut |chunk| {
            for row in 0..chunk.len() {
                let fields = chunk.fields(row);
                rows.push(text_of(chunk.place(row), fields, chunk.data()));
                let column = chunk.column(row..row + 1, 1).next();
                assert_eq!(column.map(Field::content), Some(fields[1].content()));
            }
            notices.extend(chunk.notices());
            match chunk.end() {
                None => Ok(Next::More),
                Some(Ok(())) => Ok(Next::Done),
                Some(Err(error)) => Err(format!("{error:?}")),
            }
        });
        (rows, notices, result.err())
    }

    #[test]
    fn chunks_have_what_rows_one_by_one_have() {
        let row = |number: usize| format!("{number},\"says \"\"{number}\"\", {number}\"\r\n");
        let many: String = (0..40_000).map(row).collect();
        let never_closed = format!("{many}1,\"open");
        for text in ["", "1,2", "1,2\r\n3", &many, &never_closed] {
            let wanted = one_by_one(text.as_bytes());
            for beside in [false, true] {
                assert_eq!(in_chunks(text.as_bytes(), beside), wanted, "{beside}");
            }
        }
        assert!(FULL < many.len(), "there are several chunks");
    }

    #[test]
    fn who_takes_no_more_ends_who_finds_more() {
        // More than would ever wait.
        let text = b"1,2\r\n".repeat(20 * FULL / 5);
        let mut taken = 0;
        let result = each_chunk(reader(&text), true, &mut |_| {
            taken += 1;
            Err("enough")
        });
        assert_eq!((result, taken), (Err("enough"), 1));
    }
}
