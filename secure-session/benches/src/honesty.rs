//! Checks, before anything is measured, that each route does what its name says.

use crate::{
    account::{Account, JSON, VISITS, account},
    apps::{Contender, Route},
    target::{Answer, Target, pair_of},
};

pub async fn check(target: &Target) -> Result<(), String> {
    target.freshen().await?;
    for route in Route::ALL {
        let answer = target.ask(route.path(), &target.cookies(route, 0)).await;
        let found = (answer.status, answer.set_cookies.len());
        let sets = route.sets_cookie(target.contender);
        expect(target, route.name(), &found, &(200, usize::from(sets)))?;
        match route {
            _ if !sets => {}
            Route::Refresh => stored(target, route, &answer, &account(VISITS)).await?,
            Route::Count => stored(target, route, &answer, &account(VISITS + 1)).await?,
            _ => stored(target, route, &answer, &account(0)).await?,
        }
    }
    if target.contender == Contender::Bare {
        return Ok(());
    }
    let shown = shown(target, &target.cookies(Route::Read, 0)).await;
    expect(target, "show", &shown, &JSON.to_owned())?;
    // A route that responds without reading the session would be fast.
    let stranger = target.ask(Route::Read.path(), "").await.status;
    expect(target, "read without a cookie", &stranger, &401)?;
    let mut altered = target.cookies(Route::Read, 0);
    alter(&mut altered);
    let forged = target.ask(Route::Read.path(), &altered).await.status;
    expect(target, "read with an altered cookie", &forged, &401)
}

/// The new cookie contains this account.
async fn stored(
    target: &Target,
    route: Route,
    answer: &Answer,
    account: &Account,
) -> Result<(), String> {
    let header = answer.set_cookies.first().map_or("", String::as_str);
    let shown = shown(target, pair_of(header)).await;
    let expected = serde_json::to_string(account).map_err(|err| err.to_string())?;
    expect(target, route.name(), &shown, &expected)
}

async fn shown(target: &Target, cookies: &str) -> String {
    let answer = target.ask("/show", cookies).await;
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// Changes a character in the middle of the value, where there is no padding.
fn alter(cookies: &mut String) {
    let middle = cookies.len() / 2;
    let other = if cookies[middle..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    cookies.replace_range(middle..=middle, other);
}

fn expect<T: PartialEq + std::fmt::Debug>(
    target: &Target,
    what: &str,
    found: &T,
    expected: &T,
) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let contender = target.contender;
    Err(format!(
        "{contender}, {what}: found {found:?}, expected {expected:?}"
    ))
}
