//! The bytes of a file in chunks: a window that grows only as far as one row needs.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Bytes read at a time: with the rows found in them they stay in a processor's own cache.
const CHUNK: usize = 128 << 10;

/// A byte that UTF-8 never has: it stands for bytes that are no text in the file's encoding.
const NO_TEXT: u8 = 0xFF;

/// A window over a stream: what is read and not yet taken.
pub(super) struct Input<R> {
    source: R,
    /// Makes UTF-8 of a stream in another encoding.
    transcoder: Option<Transcoder>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    taken: u64,
}

struct Transcoder {
    decoder: Decoder,
    raw: Vec<u8>,
    /// Nothing is read yet: a byte order mark may say that the high byte comes first.
    is_at_start: bool,
}

impl Transcoder {
    /// Reads the next bytes; 0 at the end.
    fn read(&mut self, source: &mut impl Read) -> io::Result<usize> {
        let mut count = read(source, &mut self.raw)?;
        if !std::mem::replace(&mut self.is_at_start, false) {
            return Ok(count);
        }
        // A mark has two bytes, which need not come together.
        if count == 1 {
            count += read(source, &mut self.raw[1..])?;
        }
        let is_utf16 = self.decoder.encoding() == encoding_rs::UTF_16LE;
        if is_utf16 && self.raw[..count].starts_with(&[0xFE, 0xFF]) {
            self.decoder = encoding_rs::UTF_16BE.new_decoder_without_bom_handling();
        }
        Ok(count)
    }
}

impl<R: Read> Input<R> {
    /// A window at the start of the stream.
    pub(super) fn new(source: R, transcoding: Option<&'static Encoding>) -> Self {
        let transcoder = transcoding.map(|encoding| Transcoder {
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; CHUNK],
            is_at_start: true,
        });
        Self {
            source,
            transcoder,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            at_end: false,
            taken: 0,
        }
    }

    /// What is read and not yet taken.
    pub(super) fn window(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Nothing follows the window.
    pub(super) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Bytes taken so far; with transcoding, bytes of the UTF-8 form.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes `count` bytes off the front of the window.
    pub(super) fn take(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        self.taken += count as u64;
    }

    /// Reads at least one more byte, or learns that there is none.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        self.make_room();
        while !self.at_end {
            let before = self.end;
            match &mut self.transcoder {
                None => self.read_plain()?,
                Some(_) => self.read_transcoded()?,
            }
            if before < self.end {
                break;
            }
        }
        Ok(())
    }

    /// Moves the window to the front; room doubles with it, so that a long row is scanned
    /// a bounded number of times.
    fn make_room(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        // A transcoded byte may become three.
        let room = match self.transcoder {
            Some(_) => 3 * CHUNK + 16,
            None => CHUNK,
        };
        let wanted = self.end + self.end.max(room);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
    }

    fn read_plain(&mut self) -> io::Result<()> {
        let count = read(&mut self.source, &mut self.buffer[self.end..])?;
        self.end += count;
        self.at_end = count == 0;
        Ok(())
    }

    fn read_transcoded(&mut self) -> io::Result<()> {
        let Some(transcoder) = &mut self.transcoder else {
            return Ok(());
        };
        let count = transcoder.read(&mut self.source)?;
        let Transcoder { decoder, raw, .. } = transcoder;
        self.at_end = count == 0;
        let mut rest = &raw[..count];
        loop {
            let room = &mut self.buffer[self.end..];
            let (result, taken, written) =
                decoder.decode_to_utf8_without_replacement(rest, room, self.at_end);
            rest = &rest[taken..];
            self.end += written;
            match result {
                // What is no text must stay none: only the field that holds it is bad.
                DecoderResult::Malformed(..) if self.end < self.buffer.len() => {
                    self.buffer[self.end] = NO_TEXT;
                    self.end += 1;
                }
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::Malformed(..) | DecoderResult::OutputFull => {
                    self.buffer.resize(self.buffer.len() + CHUNK, 0);
                }
            }
        }
    }
}

fn read(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte per call.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(into.len()).min(1);
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn all<R: Read>(mut input: Input<R>) -> Vec<u8> {
        while !input.is_at_end() {
            input.fill().unwrap();
        }
        input.window().to_vec()
    }

    #[test]
    fn a_character_cut_between_two_reads_is_whole_again() {
        let bytes: Vec<u8> = "a🦀é".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let input = Input::new(Drip(&bytes), Some(encoding_rs::UTF_16LE));
        assert_eq!(all(input), "a🦀é".as_bytes());
    }

    #[test]
    fn a_mark_says_which_byte_comes_first() {
        let text = "\u{FEFF}a,é";
        let low: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let high: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [low, high] {
            let input = Input::new(Drip(&bytes), Some(encoding_rs::UTF_16LE));
            assert_eq!(all(input), text.as_bytes());
        }
    }

    #[test]
    fn bytes_that_are_no_text_do_not_become_text() {
        let input = Input::new(Drip(b"a\x83"), Some(encoding_rs::SHIFT_JIS));
        assert_eq!(all(input), [b'a', NO_TEXT]);
        let lone_surrogate = Input::new(Drip(b"\x00\xD8b\0"), Some(encoding_rs::UTF_16LE));
        assert_eq!(all(lone_surrogate), [NO_TEXT, b'b']);
    }

    #[test]
    fn the_window_keeps_what_was_not_taken() {
        let mut input = Input::new(Drip(b"abc"), None);
        input.fill().unwrap();
        assert_eq!((input.window(), input.is_at_end()), (&b"a"[..], false));
        input.fill().unwrap();
        input.take(1);
        input.fill().unwrap();
        assert_eq!((input.window(), input.taken()), (&b"bc"[..], 1));
        input.fill().unwrap();
        assert!(input.is_at_end());
    }
}
