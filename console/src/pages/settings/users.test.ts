import { expect, it } from "vitest";

import { usersOf, usersText } from "./users";

it("reads what it writes, each name once", () => {
  const users = [
    { name: "CORP\\chief", reason: "signs = pays" },
    { name: "anna@example.org", reason: "" },
  ];
  expect(usersOf(usersText(users))).toEqual(users);
  expect(usersOf(" anna = a\n\n = nobody\nanna = b ")).toEqual([{ name: "anna", reason: "a" }]);
});
