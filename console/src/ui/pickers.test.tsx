import { FluentProvider } from "@fluentui/react-components";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";

import { Checks } from "./pickers";

afterEach(cleanup);

function Fleet() {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choices = [
    { id: "1", label: "Servers" },
    { id: "2", label: "Laptops" },
  ];
  return (
    <FluentProvider>
      <Checks label="Device groups" choices={choices} chosen={chosen} onChosen={setChosen} />
      <output>{[...chosen].join()}</output>
    </FluentProvider>
  );
}

it("chooses what is pressed, also by its label", () => {
  render(<Fleet />);
  fireEvent.click(screen.getByText("Laptops"));
  expect(screen.getByRole("status").textContent).toBe("2");
  expect(screen.getByRole("group", { name: "Device groups" })).toBeTruthy();
});
