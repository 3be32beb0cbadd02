import { afterEach, expect, it } from "vitest";

import { forgetToken, pendingToken, subscribeToTokens, takeToken } from "./signInLink";

afterEach(() => {
  forgetToken();
  window.history.replaceState(null, "", "/");
});

it("takes the token out of the address and leaves the rest of it", () => {
  window.history.replaceState(null, "", "/weaknesses?severity=High#token=abc");
  takeToken();
  expect(pendingToken()).toBe("abc");
  expect(window.location.href).toMatch(/\/weaknesses\?severity=High$/);
});

it("leaves other fragments alone", () => {
  window.history.replaceState(null, "", "/#page");
  takeToken();
  expect(pendingToken()).toBeNull();
  expect(window.location.hash).toBe("#page");
});

it("notices a link that is opened in a tab that shows the console already", () => {
  let calls = 0;
  const stop = subscribeToTokens(() => (calls += 1));
  window.history.replaceState(null, "", "/#token=later");
  window.dispatchEvent(new Event("hashchange"));
  stop();
  expect(pendingToken()).toBe("later");
  expect(calls).toBe(1);
});
