//! The input files of the demo: made on the spot, the same on every machine.

use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Rows of each input file.
pub const ROWS: u32 = 200_000;

/// Writes `orders.csv` and `readings.csv` into a folder.
///
/// # Errors
/// A file cannot be written.
pub fn write_inputs(folder: &Path) -> io::Result<()> {
    write_file(&folder.join("orders.csv"), orders)?;
    write_file(&folder.join("readings.csv"), readings)
}

fn write_file(path: &Path, content: fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    content(&mut file)?;
    file.flush()
}

const CUSTOMERS: [&str; 8] = [
    "Åkesson & Söner",
    "Brown, Black and White",
    "Café \"\"Central\"\"",
    "Delta Trading",
    "Ehrlich GmbH",
    "Fjord Logistics",
    "Grupo Ñandú",
    "Hôtel du Lac",
];
const REGIONS: [&str; 4] = ["north", "east", "south", "west"];

fn orders(out: &mut dyn Write) -> io::Result<()> {
    let mut dice = Dice(7);
    write!(
        out,
        "order_id,ordered_on,customer,region,quantity,unit_price\r\n"
    )?;
    for id in 1..=ROWS {
        let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
        let customer = CUSTOMERS[dice.below(8) as usize];
        let region = REGIONS[dice.below(4) as usize];
        let (quantity, cents) = (1 + dice.below(40), 100 + dice.below(9_900));
        let (units, rest) = (cents / 100, cents % 100);
        write!(
            out,
            "{id},2026-{month:02}-{day:02},\"{customer}\",\"{region}\",{quantity},{units}.{rest:02}\r\n"
        )?;
    }
    Ok(())
}

fn readings(out: &mut dyn Write) -> io::Result<()> {
    let mut dice = Dice(11);
    write!(out, "sensor,taken_at,celsius,note\r\n")?;
    for number in 1..=ROWS {
        let (hour, minute, second) = (dice.below(24), dice.below(60), dice.below(60));
        let (sensor, day) = (dice.below(500), 1 + dice.below(28));
        let tenths = dice.below(500);
        let celsius = match number % 1_000 {
            // One in a thousand is not a number: the package sets it aside.
            0 => "n/a".to_owned(),
            _ => format!("{}.{}", tenths / 10, tenths % 10),
        };
        let note = if number % 50 == 0 {
            "\"calibrated, checked\""
        } else {
            ""
        };
        write!(
            out,
            "S{sensor:04},2026-10-{day:02} {hour:02}:{minute:02}:{second:02},{celsius},{note}\r\n"
        )?;
    }
    Ok(())
}

/// A small generator with a fixed seed: the demo's files are the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // The high half has the long period.
        ((self.0 >> 33) % u64::from(limit)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_have_their_rows_and_are_the_same_twice() {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        readings(&mut first).unwrap();
        readings(&mut second).unwrap();
        assert_eq!(first, second);
        assert_eq!(
            first.iter().filter(|byte| **byte == b'\n').count(),
            ROWS as usize + 1
        );
    }

    #[test]
    fn one_reading_in_a_thousand_is_not_a_number() {
        let mut text = Vec::new();
        readings(&mut text).unwrap();
        let unreadable = String::from_utf8(text).unwrap().matches(",n/a,").count();
        assert_eq!(unreadable, ROWS as usize / 1_000);
    }
}
