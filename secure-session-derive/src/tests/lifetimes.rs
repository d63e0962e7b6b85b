//! Durations, and lifetimes that contradict each other.

use proc_macro2::TokenStream;
use quote::quote;

use super::{mistake, mistakes, sound};
use crate::model::{Duration, Refresh};

fn idle_of(attributes: TokenStream) -> Option<u64> {
    let input = sound(quote! { #[session(#attributes)] struct Auth {} });
    input.policy.idle.as_ref().map(Duration::seconds)
}

fn mistake_in(attributes: TokenStream) -> String {
    mistake(quote! { #[session(#attributes)] struct Auth {} })
}

fn assert_sound(attributes: TokenStream) {
    assert_eq!(
        mistakes(quote! { #[session(#attributes)] struct Auth {} }),
        [""; 0]
    );
}

#[test]
fn default_lifetimes_do_not_contradict_each_other() {
    let policy = sound(quote! { struct Auth {} }).policy;
    assert_eq!(policy.idle.map(|idle| idle.seconds()), Some(1800));
    assert_eq!(
        policy.absolute.map(|absolute| absolute.seconds()),
        Some(43200)
    );
    assert!(policy.refresh.is_none());
}

#[test]
fn every_duration_unit_is_converted_to_seconds() {
    assert_eq!(idle_of(quote!(idle = "90s")), Some(90));
    assert_eq!(idle_of(quote!(idle = "15m")), Some(900));
    assert_eq!(idle_of(quote!(idle = "12h")), Some(43200));
    assert_eq!(idle_of(quote!(idle = "1d", absolute = "2w")), Some(86400));
    assert_eq!(idle_of(quote!(idle = "1w", absolute = "2w")), Some(604_800));
    assert_eq!(idle_of(quote!(idle = "none")), None);
}

#[test]
fn invalid_duration_shows_how_to_write_one() {
    for text in [
        "", "m", "30", "30 m", "30M", "1h30m", "-1m", "+1m", "1.5h", "30µ", "None", "٣m",
    ] {
        let message = mistake_in(quote!(idle = #text));
        assert!(
            message.contains("such as `\"30m\"`, or `\"none\"`"),
            "{text}: {message}"
        );
    }
    let message = mistake_in(quote!(idle = "3\u{1b}m"));
    assert!(message.starts_with("`idle = \"3\\u{1b}m\"`"), "{message}");
    let message = mistake_in(quote!(absolute = "soon"));
    assert!(message.ends_with("such as `\"12h\"`"), "{message}");
}

#[test]
fn duration_must_be_between_one_second_and_400_days() {
    for text in ["0s", "0w", "000m"] {
        let message = mistake_in(quote!(idle = #text));
        assert!(message.starts_with("`idle` must not be zero"), "{message}");
    }
    let too_long = [
        "401d",
        "58w",
        "34560001s",
        "18446744073709551615w",
        "18446744073709551616s",
        "99999999999999999999999999d",
    ];
    for text in too_long {
        let begin = format!("`absolute` ({text}) must not be longer than 400 days");
        let message = mistake_in(quote!(idle = "none", absolute = #text));
        assert!(message.starts_with(&begin), "{message}");
    }
    assert_sound(quote!(idle = "none", absolute = "400d"));
    assert_sound(quote!(idle = "none", absolute = "57w"));
}

#[test]
fn idle_must_not_be_longer_than_absolute_including_defaults() {
    for (attributes, idle, absolute) in [
        (quote!(idle = "2h", absolute = "1h"), "2h", "1h"),
        (quote!(idle = "13h"), "13h", "12h, the default"),
        (quote!(absolute = "10m"), "30m, the default", "10m"),
    ] {
        let begin = format!("`idle` ({idle}) must not be longer than `absolute` ({absolute});");
        let message = mistake_in(attributes);
        assert!(message.starts_with(&begin), "{message}");
    }
    assert_sound(quote!(idle = "12h"));
    assert_sound(quote!(absolute = "30m"));
    assert_sound(quote!(idle = "none", absolute = "1s"));
}

#[test]
fn long_lived_session_needs_an_explicit_idle() {
    assert_eq!(
        mistake_in(quote!(absolute = "31d")),
        "`absolute = \"31d\"` is long, but the default `idle = \"30m\"` would end the session \
         after a short pause; set `idle`, such as `idle = \"none\"` or `idle = \"7d\"`"
    );
    // One message, although both attributes need an explicit `idle`.
    mistake_in(quote!(persistent, absolute = "365d"));
    assert_sound(quote!(absolute = "30d"));
    assert_sound(quote!(persistent = false));
    assert_sound(quote!(persistent, idle = "30m"));
}

#[test]
fn refresh_must_be_shorter_than_idle() {
    for (attributes, idle) in [
        (quote!(idle = "5m", refresh = "30m"), "5m"),
        (quote!(refresh = "30m"), "30m, the default"),
    ] {
        let begin = format!("`refresh` (30m) must be shorter than `idle` ({idle}),");
        let message = mistake_in(attributes);
        assert!(message.starts_with(&begin), "{message}");
    }
    for refresh in ["1m", "none"] {
        let message = mistake_in(quote!(idle = "none", refresh = #refresh));
        assert!(
            message.starts_with("`refresh` must not be set without"),
            "{message}"
        );
    }
    let input = sound(quote! { #[session(refresh = "none")] struct Auth {} });
    assert!(matches!(input.policy.refresh, Some(Refresh::Never)));
    let input = sound(quote! { #[session(refresh = "1m")] struct Auth {} });
    assert!(matches!(input.policy.refresh, Some(Refresh::After(after)) if after.seconds() == 60));
}

#[test]
fn rules_between_values_are_silent_if_a_value_is_invalid() {
    // One value is invalid by itself, so no message compares it with another.
    let all =
        mistakes(quote! { #[session(idle = "long", absolute = "1s", refresh = "1w")] struct A {} });
    assert_eq!(all.len(), 1, "{all:#?}");
    let all =
        mistakes(quote! { #[session(absolute = "ever", persistent, idle = "20h")] struct A {} });
    assert_eq!(all.len(), 1, "{all:#?}");
}
