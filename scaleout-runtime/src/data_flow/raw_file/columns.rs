//! The columns of a batch as bytes, and back.

use arrow::array::{Array, ArrayData, ArrayRef, AsArray, make_array};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType as ArrowType;
use arrow::error::ArrowError;

const _: () = assert!(
    cfg!(target_endian = "little"),
    "values are written as they are in memory"
);

/// Appends a column.
pub(super) fn append(array: &ArrayRef, out: &mut Vec<u8>) {
    match array.nulls().filter(|nulls| 0 < nulls.null_count()) {
        None => out.push(0),
        Some(nulls) => {
            out.push(1);
            append_bits(nulls.iter(), out);
        }
    }
    match array.data_type() {
        ArrowType::Boolean => append_bits(array.as_boolean().values().iter(), out),
        ArrowType::Utf8 => {
            let texts = array.as_string::<i32>();
            append_bytes(texts.value_offsets(), texts.value_data(), out);
        }
        ArrowType::Binary => {
            let bytes = array.as_binary::<i32>();
            append_bytes(bytes.value_offsets(), bytes.value_data(), out);
        }
        other => {
            let data = array.to_data();
            let width = width(other);
            let start = data.offset() * width;
            out.extend_from_slice(&data.buffers()[0].as_slice()[start..start + data.len() * width]);
        }
    }
}

fn append_bits(bits: impl Iterator<Item = bool>, out: &mut Vec<u8>) {
    let start = out.len();
    for (number, bit) in bits.enumerate() {
        if number % 8 == 0 {
            out.push(0);
        }
        out[start + number / 8] |= u8::from(bit) << (number % 8);
    }
}

fn append_bytes(offsets: &[i32], bytes: &[u8], out: &mut Vec<u8>) {
    let first = offsets[0];
    for offset in offsets {
        out.extend((offset - first).to_le_bytes());
    }
    let place = |offset: i32| usize::try_from(offset).expect("offsets are not negative");
    out.extend_from_slice(&bytes[place(first)..place(offsets[offsets.len() - 1])]);
}

/// Bytes of one value.
fn width(data_type: &ArrowType) -> usize {
    match data_type {
        ArrowType::FixedSizeBinary(width) => usize::try_from(*width).unwrap_or(0),
        other => other
            .primitive_width()
            .expect("columns are truth values, numbers, times, texts or bytes"),
    }
}

/// The bytes that are left of a block.
pub(super) struct Rest<'b>(pub(super) &'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], ArrowError> {
        let Some((taken, rest)) = self.0.split_at_checked(count) else {
            let text = "a block is shorter than its columns";
            return Err(ArrowError::InvalidArgumentError(text.to_owned()));
        };
        self.0 = rest;
        Ok(taken)
    }

    /// Reads the next column.
    pub(super) fn column(
        &mut self,
        data_type: ArrowType,
        rows: usize,
    ) -> Result<ArrayRef, ArrowError> {
        let nulls = match self.take(1)?[0] {
            0 => None,
            _ => Some(Buffer::from(self.take(rows.div_ceil(8))?)),
        };
        let builder = ArrayData::builder(data_type.clone())
            .len(rows)
            .null_bit_buffer(nulls);
        let builder = match data_type {
            ArrowType::Boolean => builder.add_buffer(Buffer::from(self.take(rows.div_ceil(8))?)),
            ArrowType::Utf8 | ArrowType::Binary => {
                let offsets = self.take((rows + 1) * 4)?;
                let end = offsets[rows * 4..].try_into().expect("four bytes are left");
                let end = usize::try_from(u32::from_le_bytes(end)).unwrap_or(usize::MAX);
                builder
                    .add_buffer(Buffer::from(offsets))
                    .add_buffer(Buffer::from(self.take(end)?))
            }
            other => builder.add_buffer(Buffer::from(self.take(rows * width(&other))?)),
        };
        // The builder checks everything: offsets, and that text is text.
        Ok(make_array(builder.build()?))
    }
}
