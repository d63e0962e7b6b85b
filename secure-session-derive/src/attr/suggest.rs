//! "Did you mean …?" for keys that do not exist.

use super::Key;

/// Names that other libraries use for our keys, in lower case and without `_`.
const SYNONYMS: &[(&str, &str)] = &[
    ("check", "when"),
    ("clone", "value"),
    ("cookiename", "cookie"),
    ("copy", "value"),
    ("expire", "idle"),
    ("expires", "idle"),
    ("expiresin", "idle"),
    ("expiry", "idle"),
    ("flatten", "rest"),
    ("getter", "accessor"),
    ("group", "revoke_by"),
    ("groupby", "revoke_by"),
    ("ignore", "skip"),
    ("lifetime", "absolute"),
    ("maxage", "idle"),
    ("login", "identity"),
    ("loginurl", "login"),
    ("maxage", "within"),
    ("name", "cookie"),
    ("name", "rename"),
    ("redirect", "login"),
    ("rememberfor", "remember"),
    ("role", "when"),
    ("serializewith", "with"),
    ("deserializewith", "with"),
    ("sessionttl", "idle"),
    ("timeout", "idle"),
    ("transient", "skip"),
    ("ttl", "idle"),
    ("user", "identity"),
    ("visibility", "vis"),
];

/// Names that other libraries use for encryption keys.
const SECRETS: [&str; 6] = ["key", "keys", "salt", "secret", "secretkey", "password"];

/// Returns a hint at the key that was meant, if it can be guessed.
pub(super) fn suggestion(written: &str, keys: &[Key]) -> Option<String> {
    let plain = plain(written);
    if SECRETS.contains(&plain.as_str()) {
        return Some(
            "keys are not attributes; pass them to the builder, as in \
             `SessionMiddleware::builder(KeyRing::from_env(\"SESSION_KEYS\")?)`"
                .to_owned(),
        );
    }
    let is_key = |name: &str| keys.iter().any(|key| key.name == name);
    let mut synonyms = SYNONYMS.iter();
    let synonym = synonyms.find(|(other, name)| *other == plain && is_key(name));
    let meant = match synonym {
        Some((_, name)) => *name,
        None => nearest(&plain, keys)?,
    };
    let mut suggestion = format!("did you mean `{meant}`?");
    if synonym.is_some() && meant == "idle" {
        suggestion.push_str(" It limits the time without activity, `absolute` the total lifetime.");
    }
    if plain == "maxage" {
        suggestion.push_str(" With `persistent`, both determine the cookie's `Max-Age`.");
    }
    Some(suggestion)
}

/// The key with the smallest edit distance, if that is small for the name's length.
fn nearest(plain_name: &str, keys: &[Key]) -> Option<&'static str> {
    let distances = keys
        .iter()
        .map(|key| (distance(plain_name, &plain(key.name)), key.name));
    let (fewest, name) = distances.min()?;
    let few = if plain_name.len() < 5 { 1 } else { 2 };
    (fewest <= few).then_some(name)
}

fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// The number of characters to add, remove, replace or swap with the next one.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=from.len() {
        for j in 1..=to.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut fewest = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            let is_swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if is_swapped {
                fewest = fewest.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = fewest;
        }
    }
    rows[from.len()][to.len()]
}
