//! Reads keys from text.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::{Key, KeyError, KeyProblem};

const HEX_LEN: usize = 2 * Key::LEN;
const BASE64_LEN: usize = 43;
const BASE64_PADDED_LEN: usize = 44;

const LENIENT_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT_PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT_PADDING);

/// Reads a list of keys, separated by commas or line breaks.
///
/// # Errors
///
/// The problem of the first key that cannot be used, with its position; [`KeyProblem::Empty`] for a
/// list without keys.
pub(super) fn list(text: &str) -> Result<Vec<Key>, KeyError> {
    if text.starts_with('\u{feff}') {
        return Err(KeyError::new(KeyProblem::ByteOrderMark));
    }
    let text = text.trim_matches(is_blank);
    if text.is_empty() {
        return Err(KeyError::new(KeyProblem::Empty));
    }
    // A comma at the end of a line must not add an empty key.
    text.lines()
        .flat_map(|line| line.trim_matches(is_blank).trim_end_matches(',').split(','))
        .map(|entry| entry.trim_matches(is_blank))
        .enumerate()
        .map(|(index, entry)| either(entry).map_err(|problem| KeyError::new(problem).at(index)))
        .collect()
}

/// Reads a list of keys from bytes, or one key of exactly 32 raw bytes.
///
/// # Errors
///
/// As [`list`], and [`KeyProblem::Utf16`] or [`KeyProblem::Utf8`] if the bytes aren't UTF-8.
pub(super) fn list_or_raw(bytes: &[u8]) -> Result<Vec<Key>, KeyError> {
    if bytes.len() == Key::LEN {
        return Key::checked(bytes)
            .map(|key| vec![key])
            .map_err(KeyError::new);
    }
    if looks_like_utf16(bytes) {
        return Err(KeyError::new(KeyProblem::Utf16));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| KeyError::new(KeyProblem::Utf8))?;
    list(text)
}

pub(super) fn from_hex(digits: &str) -> Result<Key, KeyProblem> {
    let wrong = || KeyProblem::Text {
        characters: digits.chars().count(),
    };
    if digits.len() != HEX_LEN {
        return Err(wrong());
    }
    let mut bytes = Zeroizing::new([0; Key::LEN]);
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let [high, low] = [hex_digit(*high), hex_digit(*low)];
        *byte = (high.ok_or_else(wrong)? << 4) | low.ok_or_else(wrong)?;
    }
    Key::checked(&*bytes)
}

pub(super) fn from_base64(text: &str) -> Result<Key, KeyProblem> {
    let wrong = || KeyProblem::Text {
        characters: text.chars().count(),
    };
    if text.len() != BASE64_LEN && text.len() != BASE64_PADDED_LEN {
        return Err(wrong());
    }
    let engine = if text.contains(['-', '_']) {
        &URL_SAFE
    } else {
        &STANDARD
    };
    // One byte longer than a key, to detect 44 characters without padding.
    let mut bytes = Zeroizing::new([0; Key::LEN + 1]);
    let len = engine
        .decode_slice(text, &mut *bytes)
        .map_err(|_| wrong())?;
    match bytes.get(..len) {
        Some(bytes) if len == Key::LEN => Key::checked(bytes),
        _ => Err(wrong()),
    }
}

/// Reads a hexadecimal or base64 key. Their lengths differ.
fn either(entry: &str) -> Result<Key, KeyProblem> {
    match entry.len() {
        0 => Err(KeyProblem::Empty),
        BASE64_LEN | BASE64_PADDED_LEN => from_base64(entry),
        _ => from_hex(entry),
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Returns true for a byte-order mark of UTF-16, or if every other byte is zero, as in UTF-16
/// digits.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || matches!(bytes, [_, 0, _, 0, ..] | [0, _, 0, _, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn bytes(key: &Key) -> &[u8; 32] {
        key.expose_secret()
    }

    fn problem_of(text: &str) -> KeyProblem {
        list(text).unwrap_err().problem().clone()
    }

    #[test]
    fn hexadecimal_and_base64_read_as_the_same_key() {
        let expected: Vec<u8> = (0..32).collect();
        for text in [HEX, BASE64, &format!("{BASE64}=")] {
            assert_eq!(bytes(&list(text).unwrap()[0]), &expected[..]);
        }
    }

    #[test]
    fn both_base64_alphabets_are_read() {
        let standard = "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=";
        let url_safe = "-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_8";
        assert_eq!(
            bytes(&from_base64(standard).unwrap()),
            bytes(&from_base64(url_safe).unwrap())
        );
        assert!(from_base64("+_+_+_+_+_+_+_+_+_+_+_+_+_+_+_+_+_+_+_+_+_8").is_err());
    }

    #[test]
    fn commas_and_line_breaks_separate_keys() {
        let second = HEX.to_lowercase().replace("00", "ff");
        for text in [
            format!("{HEX},{second}"),
            format!("{HEX}\n{second}\n"),
            format!("{HEX}\r\n{second}\r\n"),
            format!(" {HEX} , {second} \n"),
            format!("{HEX},\n{second},\n"),
        ] {
            assert_eq!(list(&text).unwrap().len(), 2, "{text:?}");
        }
    }

    #[test]
    fn empty_entry_is_reported_by_its_position() {
        for text in [format!("{HEX},,{HEX}"), format!("{HEX}\n\n{HEX}")] {
            let err = list(&text).unwrap_err();
            assert_eq!((err.problem(), err.index()), (&KeyProblem::Empty, Some(1)));
        }
    }

    #[test]
    fn text_without_keys_is_empty() {
        for text in ["", " ", "\n", "\r\n"] {
            assert_eq!(problem_of(text), KeyProblem::Empty);
        }
        assert_eq!(problem_of(","), KeyProblem::Empty);
    }

    #[test]
    fn wrong_length_or_digit_is_reported_by_length_only() {
        for (text, characters) in [
            (&HEX[..63], 63),
            (&BASE64[..42], 42),
            (&HEX.replace('a', "g"), 64),
            (&BASE64.replace('A', "*"), 43),
            (&format!("{BASE64}A"), 44),
            (&"ä".repeat(32), 32),
        ] {
            assert_eq!(problem_of(text), KeyProblem::Text { characters });
        }
    }

    #[test]
    fn trailing_bits_in_base64_are_rejected() {
        let last_character_with_extra_bits = format!("{}9", &BASE64[..42]);
        assert!(from_base64(&last_character_with_extra_bits).is_err());
    }

    #[test]
    fn byte_order_marks_and_utf16_are_reported() {
        let with_mark = format!("\u{feff}{HEX}");
        assert_eq!(problem_of(&with_mark), KeyProblem::ByteOrderMark);
        for endian in [u16::to_le_bytes, u16::to_be_bytes] {
            for text in [HEX.to_owned(), with_mark.clone()] {
                let utf16: Vec<u8> = text.encode_utf16().flat_map(endian).collect();
                let err = list_or_raw(&utf16).unwrap_err();
                assert_eq!(err.problem(), &KeyProblem::Utf16);
            }
        }
    }

    #[test]
    fn file_of_32_raw_bytes_is_one_key() {
        let raw: Vec<u8> = (100..132).collect();
        assert_eq!(bytes(&list_or_raw(&raw).unwrap()[0]), &raw[..]);
        let err = list_or_raw(&[200; 31]).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Utf8);
    }
}
