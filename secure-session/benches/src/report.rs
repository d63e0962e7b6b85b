//! Results computed from the figures: added cost, ratios, sums.

use serde::Serialize;
use serde_json::Value;

use crate::{
    apps::{Contender, Route},
    base64url, codec, guards,
    lengths::Lengths,
    measure::{Cost, Measured, Summary},
    origin, parts,
    payload::SIZES,
    routes, scaling, within,
};

/// All results of a run; times in nanoseconds.
#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Value,
    pub rounds: usize,
    /// Measurements in which another program had the processor, which the figures include.
    pub disturbed: usize,
    pub routes: Vec<RouteRow>,
    pub parts: Vec<Named>,
    pub sums: Vec<Sum>,
    pub codec: Vec<CodecRow>,
    pub base64url: Vec<TextRow>,
    pub lengths: Vec<Lengths>,
    pub keys: Vec<Counted>,
    pub sessions: Vec<Counted>,
    pub other_cookies: Vec<Others>,
    pub origin: Vec<OriginRow>,
    /// The cost of a guard above that of a session.
    pub guard: Cost,
}

/// One route of one contender.
#[derive(Debug, Serialize)]
pub struct RouteRow {
    pub route: &'static str,
    pub contender: &'static str,
    pub time: Summary,
    /// The cost above `bare`.
    pub added: Cost,
    /// The ratio of the added cost to that of actix-session.
    pub to_actix_session: Option<Cost>,
    /// The ratio of the added cost to the sum of the unavoidable parts.
    pub to_parts: Option<Cost>,
    /// The ratio of the added cost to that of the parts in a request.
    pub to_parts_within: Option<Cost>,
}

/// One of the unavoidable parts.
#[derive(Debug, Serialize)]
pub struct Named {
    pub name: &'static str,
    pub time: Summary,
}

/// The sum of a route's unavoidable parts.
#[derive(Debug, Serialize)]
pub struct Sum {
    pub route: &'static str,
    pub time: Cost,
    /// The cost that they add to a request.
    pub within: Option<Cost>,
}

/// Encryption or decryption of one size.
#[derive(Debug, Serialize)]
pub struct CodecRow {
    pub operation: &'static str,
    /// Bytes of JSON.
    pub size: usize,
    pub contender: &'static str,
    pub time: Summary,
    /// The ratio of the median to that of the private jar.
    pub to_jar: f64,
}

/// base64url of an encrypted value of one size.
#[derive(Debug, Serialize)]
pub struct TextRow {
    pub operation: &'static str,
    /// Bytes.
    pub size: usize,
    pub hand: &'static str,
    pub time: Summary,
}

/// A time that may grow with a number.
#[derive(Debug, Serialize)]
pub struct Counted {
    pub number: usize,
    pub time: Summary,
    /// The ratio of the median to that of the smallest number.
    pub to_first: f64,
}

/// The read route with other cookies in the header.
#[derive(Debug, Serialize)]
pub struct Others {
    pub contender: &'static str,
    pub number: usize,
    pub time: Summary,
    pub added: Cost,
}

/// A POST of one kind of client, with the origin check.
#[derive(Debug, Serialize)]
pub struct OriginRow {
    pub client: &'static str,
    pub time: Summary,
    /// The cost above the same request without the check.
    pub added: Cost,
}

impl Report {
    pub fn new(machine: Value, rounds: usize, measured: &Measured, lengths: Vec<Lengths>) -> Self {
        let routes = (Route::ALL.into_iter())
            .flat_map(|route| {
                (Contender::ALL.iter()).map(move |contender| route_row(measured, *contender, route))
            })
            .collect();
        let parts = (parts::ALL.into_iter())
            .map(|name| Named {
                name,
                time: measured.get(name),
            })
            .collect();
        let sums = (Route::ALL.into_iter())
            .map(|route| Sum {
                route: route.name(),
                time: parts::sum(route, measured),
                within: within(measured, route),
            })
            .collect();
        Self {
            machine,
            rounds,
            disturbed: measured.disturbed,
            routes,
            parts,
            sums,
            codec: codec_rows(measured),
            base64url: base64url_rows(measured),
            lengths,
            keys: counted(scaling::KEYS.map(|keys| {
                let time = measured.get(&scaling::keys_name(keys));
                (usize::from(keys), time)
            })),
            sessions: counted(
                scaling::SESSIONS
                    .map(|number| (number, measured.get(&scaling::sessions_name(number)))),
            ),
            other_cookies: other_cookies(measured),
            origin: origin_rows(measured),
            guard: {
                let [session, guard] =
                    ["session", "guard"].map(|route| measured.get(&guards::name(route)));
                Cost::added(guard, session)
            },
        }
    }
}

fn route_row(measured: &Measured, contender: Contender, route: Route) -> RouteRow {
    let added_by = |contender| {
        let [time, bare] = [contender, Contender::Bare]
            .map(|contender| measured.get(&routes::name(contender, route)));
        Cost::added(time, bare)
    };
    let added = added_by(contender);
    let over = |other: Cost| match contender {
        Contender::Bare => None,
        _ => added.over(other),
    };
    RouteRow {
        route: route.name(),
        contender: contender.name(),
        time: measured.get(&routes::name(contender, route)),
        added,
        to_actix_session: over(added_by(Contender::ActixSession)),
        to_parts: over(parts::sum(route, measured)),
        to_parts_within: within(measured, route).and_then(over),
    }
}

fn within(measured: &Measured, route: Route) -> Option<Cost> {
    let has_parts = within::ROUTES.contains(&route);
    has_parts.then(|| within::added(route, measured))
}

fn codec_rows(measured: &Measured) -> Vec<CodecRow> {
    let mut rows = Vec::new();
    for operation in codec::OPERATIONS {
        for size in SIZES {
            let jar = measured.get(&codec::name(codec::JAR, operation, size));
            for contender in codec::contenders() {
                let time = measured.get(&codec::name(contender, operation, size));
                rows.push(CodecRow {
                    operation,
                    size,
                    contender,
                    time,
                    to_jar: time.median / jar.median,
                });
            }
        }
    }
    rows
}

fn counted<const N: usize>(times: [(usize, Summary); N]) -> Vec<Counted> {
    let first = times[0].1.median;
    (times.into_iter())
        .map(|(number, time)| Counted {
            number,
            time,
            to_first: time.median / first,
        })
        .collect()
}

fn base64url_rows(measured: &Measured) -> Vec<TextRow> {
    let mut rows = Vec::new();
    for operation in base64url::OPERATIONS {
        for size in base64url::SIZES {
            rows.extend(base64url::HANDS.map(|hand| TextRow {
                operation,
                size,
                hand,
                time: measured.get(&base64url::name(hand, operation, size)),
            }));
        }
    }
    rows
}

fn origin_rows(measured: &Measured) -> Vec<OriginRow> {
    let row = |client| {
        let [time, base] =
            ["checked", "unchecked"].map(|mode| measured.get(&origin::name(client, mode)));
        OriginRow {
            client,
            time,
            added: Cost::added(time, base),
        }
    };
    origin::clients().map(row).collect()
}

fn other_cookies(measured: &Measured) -> Vec<Others> {
    let mut rows = Vec::new();
    for number in scaling::OTHERS {
        let bare = measured.get(&scaling::others_name(Contender::Bare, number));
        for contender in Contender::ALL {
            let time = measured.get(&scaling::others_name(*contender, number));
            rows.push(Others {
                contender: contender.name(),
                number,
                time,
                added: Cost::added(time, bare),
            });
        }
    }
    rows
}
