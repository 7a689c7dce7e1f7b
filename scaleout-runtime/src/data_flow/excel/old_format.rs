//! A workbook in the format of Excel 97, byte by byte, as there is nothing that writes one.

/// The end of a chain of sectors.
const END: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;
const SECTOR: usize = 512;
/// Streams below this size are stored in another way.
const STREAM: usize = 4096;

/// A workbook with one sheet `Sheet1`: a row of names, and a row of numbers below it.
pub fn workbook(columns: &[(&str, f64)]) -> Vec<u8> {
    let mut stream = records(columns);
    assert!(stream.len() <= STREAM);
    stream.resize(STREAM, 0);
    let mut file = header();
    let mut table = vec![0xFFFF_FFFD, END];
    table.extend((3..10).chain([END]));
    table.resize(SECTOR / 4, FREE);
    table
        .iter()
        .for_each(|entry| file.extend(entry.to_le_bytes()));
    file.extend(entry("Root Entry", 5, 1, END, 0));
    file.extend(entry("Workbook", 2, FREE, 2, STREAM as u64));
    file.extend(entry("", 0, FREE, 0, 0));
    file.extend(entry("", 0, FREE, 0, 0));
    file.extend(stream);
    file
}

fn header() -> Vec<u8> {
    let mut header = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    header.extend([0; 16]);
    for number in [0x3E_u16, 3, 0xFFFE, 9, 6, 0, 0, 0] {
        header.extend(number.to_le_bytes());
    }
    // No directory sectors are counted, one table, the directory in sector 1, no mini streams.
    for number in [0, 1, 1, 0, 4096, END, 0, END, 0, 0] {
        header.extend(u32::to_le_bytes(number));
    }
    while header.len() < SECTOR {
        header.extend(FREE.to_le_bytes());
    }
    header
}

fn entry(name: &str, kind: u8, child: u32, start: u32, size: u64) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = match name.len() {
        0 => 0,
        letters => (letters as u16 + 1) * 2,
    };
    entry.resize(64, 0);
    entry.extend(length.to_le_bytes());
    entry.extend([kind, 1]);
    for link in [FREE, FREE, child] {
        entry.extend(link.to_le_bytes());
    }
    entry.extend([0; 16 + 4 + 16]);
    entry.extend(start.to_le_bytes());
    entry.extend(size.to_le_bytes());
    assert_eq!(entry.len(), 128);
    entry
}

fn record(kind: u16, data: &[u8], records: &mut Vec<u8>) {
    records.extend(kind.to_le_bytes());
    records.extend((data.len() as u16).to_le_bytes());
    records.extend_from_slice(data);
}

fn beginning(kind: u16) -> Vec<u8> {
    let numbers = [0x0600, kind, 0x0DBB, 0x07CC, 0, 0, 6, 0];
    numbers
        .iter()
        .flat_map(|number: &u16| number.to_le_bytes())
        .collect()
}

fn records(columns: &[(&str, f64)]) -> Vec<u8> {
    let mut records = Vec::new();
    record(0x0809, &beginning(5), &mut records);
    record(0x0042, &1200_u16.to_le_bytes(), &mut records);
    // Where the sheet begins: behind this record and the end of the list.
    let start = records.len() as u32 + 4 + 8 + 6 + 4;
    let mut sheet = start.to_le_bytes().to_vec();
    sheet.extend([0, 0, 6, 0]);
    sheet.extend(b"Sheet1");
    record(0x0085, &sheet, &mut records);
    record(0x000A, &[], &mut records);
    record(0x0809, &beginning(0x10), &mut records);
    let width = columns.len() as u16;
    let mut size: Vec<u8> = [0_u32, 2].iter().flat_map(|it| it.to_le_bytes()).collect();
    size.extend([0, width, 0].iter().flat_map(|it: &u16| it.to_le_bytes()));
    record(0x0200, &size, &mut records);
    for (row, at) in [(0_u16, 0), (1, 1)] {
        for (column, (name, number)) in columns.iter().enumerate() {
            let place = [row, column as u16, 0];
            let mut cell: Vec<u8> = place.iter().flat_map(|it| it.to_le_bytes()).collect();
            if at == 0 {
                cell.extend((name.len() as u16).to_le_bytes());
                cell.push(0);
                cell.extend(name.bytes());
                record(0x0204, &cell, &mut records);
            } else {
                cell.extend(number.to_le_bytes());
                record(0x0203, &cell, &mut records);
            }
        }
    }
    record(0x000A, &[], &mut records);
    records
}
