//! Fields that are stored by a module of the application.

use std::time::Duration;

use secure_session::SecureSession;
use serde_json::json;

use crate::support::{from_json, json_of, stored_after};

/// Stored as whole seconds, without serde's traits or a `Default`.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }

    pub(super) mod option {
        use std::time::Duration;

        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        #[allow(clippy::ref_option, reason = "it is given a reference to the field")]
        pub(in super::super) fn serialize<S: Serializer>(
            duration: &Option<Duration>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            duration
                .map(|duration| duration.as_secs())
                .serialize(serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Duration>, D::Error> {
            let seconds = Option::<u64>::deserialize(deserializer)?;
            Ok(seconds.map(Duration::from_secs))
        }
    }
}

#[derive(SecureSession)]
struct Game {
    #[session(with = seconds)]
    played: Duration,
    #[session(with = "seconds::option")]
    best: Option<Duration>,
    #[session(with = self::seconds::option, default = Some(Duration::from_secs(60)))]
    limit: Option<Duration>,
}

#[test]
fn with_module_reads_and_writes_the_field() {
    let stored = stored_after(&Game::defaults(), |game| {
        game.set_played(Duration::from_secs(5));
        game.set_best(Duration::from_secs(4));
    });
    let stored = json_of(&*stored.expect("a change is sent"));
    assert_eq!(stored, json!({ "played": 5, "best": 4, "limit": 60 }));
}

#[test]
fn none_is_omitted_unless_the_field_has_a_default() {
    let game = Game {
        limit: None,
        ..Game::defaults()
    };
    let stored = json_of(&game);
    assert_eq!(stored, json!({ "played": 0, "limit": null }));
    let back = from_json::<Game>(stored).expect("a session");
    assert_eq!((back.best, back.limit), (None, None));
}
