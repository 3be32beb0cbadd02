import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { ForeignText } from "./Facts";
import { ExternalLink, safeAddress } from "./links";

afterEach(cleanup);

describe("a foreign address", () => {
  it("becomes a link without opener and referrer when it is http(s)", () => {
    render(<ExternalLink address="https://example.org/a?b=1" />);
    const link = screen.getByRole("link");
    expect(link.getAttribute("href")).toBe("https://example.org/a?b=1");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//example.org/relative",
    "/weaknesses",
    "",
  ])("stays text when it is %j", (address) => {
    expect(safeAddress(address)).toBeNull();
    render(<ExternalLink address={address} />);
    expect(screen.queryByRole("link")).toBeNull();
  });
});

describe("foreign text", () => {
  it("never becomes markup", () => {
    const text = '<img src=x onerror="alert(1)"><b>bold</b>';
    const { container } = render(<ForeignText text={text} />);
    expect(container.textContent).toBe(text);
    expect(container.querySelector("img, b")).toBeNull();
  });
});
