/** The three kinds of links. Nothing else in the console makes an anchor. */
import { Link as FluentLink, makeStyles, type ForwardRefComponent } from "@fluentui/react-components";
import { createLink, type LinkComponent } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode } from "react";

type AnchorProps = AnchorHTMLAttributes<HTMLAnchorElement>;

const useStyles = makeStyles({
  foreign: { overflowWrap: "anywhere" },
});

/** Address for an anchor, or null: only http and https, and nothing that the browser would read otherwise. */
export function safeAddress(text: string): string | null {
  try {
    const address = new URL(text);
    return address.protocol === "https:" || address.protocol === "http:" ? address.href : null;
  } catch {
    return null;
  }
}

/** A foreign address: a link when it is http(s), plain text otherwise. */
export function ExternalLink({ address, children }: { address: string; children?: ReactNode }) {
  const styles = useStyles();
  const href = safeAddress(address);
  const label = children ?? address;
  if (href === null) return <span className={styles.foreign}>{label}</span>;
  return (
    <FluentLink className={styles.foreign} href={href} target="_blank" rel="noopener noreferrer">
      {label}
    </FluentLink>
  );
}

const RoutedLink = createLink(FluentLink as ForwardRefComponent<AnchorProps>);

/** A link inside the console, looking like every other link. */
export const PageLink: LinkComponent<ForwardRefComponent<AnchorProps>> = (props) => <RoutedLink {...props} />;
