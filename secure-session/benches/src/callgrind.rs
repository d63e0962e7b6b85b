//! Runs one case a given number of times, so that `callgrind.py` can count the instructions.

use std::rc::Rc;

use crate::{
    apps::{Contender, Route},
    guards, honesty,
    measure::Case,
    origin, parts, routes, scaling,
    target::Target,
};

/// The prefix of the unavoidable parts.
const PART: &str = "parts/";

/// Every case: the routes as `contender/route`, the unavoidable parts, and the scaling cases.
pub fn names() -> impl Iterator<Item = String> {
    let all_routes = (Contender::ALL.iter()).flat_map(|contender| {
        (Route::ALL.iter()).map(move |route| routes::name(*contender, *route))
    });
    let parts = parts::ALL.iter().map(|part| [PART, part].concat());
    let all = (all_routes.chain(parts).chain(scaling::names()))
        .chain(origin::names())
        .chain(guards::names());
    #[cfg(feature = "revocation")]
    let all = all.chain(crate::revocation::names());
    all
}

/// Requests are created inside; `bare` has the same cost.
pub async fn run(name: &str, iterations: u32) -> Result<(), String> {
    let mut case = find(name).await?;
    case.repeat(iterations).await;
    Ok(())
}

async fn find(name: &str) -> Result<Case, String> {
    for contender in Contender::ALL {
        for route in Route::ALL {
            if routes::name(*contender, route) == name {
                let target = ready(Target::new(*contender).await.into()).await?;
                return Ok(routes::case(name.to_owned(), &target, route, 0));
            }
        }
    }
    if let Some(part) = name.strip_prefix(PART) {
        let found = parts::cases().into_iter().find(|case| case.name() == part);
        return found.ok_or_else(|| unknown(name));
    }
    let small = origin::cases().into_iter().chain(guards::cases());
    #[cfg(feature = "revocation")]
    let small = small.chain(crate::revocation::cases());
    let mut small = small;
    if let Some(case) = small.find(|case| case.name() == name) {
        return Ok(case);
    }
    let mut targets = Vec::new();
    for contender in [Contender::Bare, Contender::Native] {
        targets.push(ready(Target::new(contender).await.into()).await?);
    }
    let many = ready(scaling::many_sessions().await).await?;
    let mut cases = scaling::cases(&targets, &many).into_iter();
    cases
        .find(|case| case.name() == name)
        .ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> String {
    format!("{name} is not a case; --list shows them")
}

/// With a cookie, and checked to work correctly.
async fn ready(target: Rc<Target>) -> Result<Rc<Target>, String> {
    honesty::check(&target).await?;
    target.freshen().await?;
    Ok(target)
}
