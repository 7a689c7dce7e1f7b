//! PostgreSQL's binary `numeric`: groups of four decimal digits.

const NEGATIVE: u16 = 0x4000;
const MOST_PLACES: u16 = 38;

/// Reads a number; `None` for what is no finite number of at most 38 digits.
pub(super) fn decode(bytes: &[u8]) -> Option<(i128, u8)> {
    let mut words = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = words.next()?;
    let weight = i16::from_be_bytes(words.next()?.to_be_bytes());
    let sign = words.next()?;
    let places = words.next()?.min(MOST_PLACES);
    if sign != 0 && sign != NEGATIVE {
        return None;
    }
    let places = i32::from(places);
    let mut value: i128 = 0;
    for (at, group) in words.take(usize::from(count)).enumerate() {
        // Power of ten of the group's last digit, in units of the last place.
        let power = (i32::from(weight) - i32::try_from(at).ok()?) * 4 + places;
        let group = i128::from(group);
        let scaled = if power < 0 {
            let divisor = 10_i128.checked_pow(u32::try_from(-power).ok()?);
            divisor.map_or(0, |divisor| group / divisor)
        } else {
            let factor = 10_i128.checked_pow(u32::try_from(power).ok()?);
            match factor {
                Some(factor) => group.checked_mul(factor)?,
                None if group == 0 => 0,
                None => return None,
            }
        };
        value = value.checked_add(scaled)?;
    }
    let value = if sign == NEGATIVE { -value } else { value };
    Some((value, u8::try_from(places).ok()?))
}

/// Writes a number.
pub(super) fn encode(unscaled: i128, scale: u8, out: &mut Vec<u8>) {
    let mut digits = unscaled.unsigned_abs();
    // The last group must end at a multiple of four places.
    let padding = (4 - u32::from(scale) % 4) % 4;
    let mut groups = Vec::new();
    let first = 10_u128.pow(4 - padding);
    if padding != 0 {
        let low = (digits % first) * 10_u128.pow(padding);
        groups.push(group_of(low));
        digits /= first;
    }
    while 0 < digits {
        groups.push(group_of(digits % 10_000));
        digits /= 10_000;
    }
    let below_point = i16::from(scale).div_euclid(4) + i16::from(padding != 0);
    let weight = i16::try_from(groups.len()).unwrap_or(i16::MAX) - below_point - 1;
    groups.reverse();
    let count = u16::try_from(groups.len()).unwrap_or(u16::MAX);
    let sign = if unscaled < 0 { NEGATIVE } else { 0 };
    out.extend(count.to_be_bytes());
    out.extend(weight.to_be_bytes());
    out.extend(sign.to_be_bytes());
    out.extend(u16::from(scale).to_be_bytes());
    for group in groups {
        out.extend(group.to_be_bytes());
    }
}

fn group_of(value: u128) -> u16 {
    // Below 10,000 by construction.
    u16::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_known_value() {
        let mut bytes = Vec::new();
        encode(-1_234_567, 2, &mut bytes);
        // -12345.67: groups 1, 2345, 6700; weight 1.
        let words: [u16; 7] = [3, 1, NEGATIVE, 2, 1, 2345, 6700];
        let expected: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let nan: Vec<u8> = [0_u16, 0, 0xC000, 0]
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect();
        assert_eq!(decode(&nan), None);
        assert_eq!(decode(&[]), None);
    }

    proptest! {
        #[test]
        fn a_number_survives(unscaled in any::<i64>(), scale in 0_u8..=30) {
            let mut bytes = Vec::new();
            encode(unscaled.into(), scale, &mut bytes);
            prop_assert_eq!(decode(&bytes), Some((unscaled.into(), scale)));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&bytes);
        }
    }
}
