import { makeStyles, tokens } from "@fluentui/react-components";

import type { CheckDetail } from "../../api/types";
import { Facts, Section } from "../../ui/Facts";
import { ExternalLink } from "../../ui/links";

const useStyles = makeStyles({
  steps: {
    display: "grid",
    rowGap: tokens.spacingVerticalXS,
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    overflowWrap: "anywhere",
  },
});

/** Numbered steps; foreign text stays text. */
export function Steps({ steps }: { steps: string[] }) {
  const styles = useStyles();
  return (
    <ol className={styles.steps}>
      {steps.map((step, at) => (
        <li key={at}>{step}</li>
      ))}
    </ol>
  );
}

/** What an attacker does with it, and where it is written. */
export function Reasons({ detail }: { detail: CheckDetail }) {
  const { attack, mitigations, references } = detail;
  if (attack.length + mitigations.length + references.length === 0) return null;
  return (
    <Section title="Related">
      <Facts
        facts={[
          ["ATT&CK techniques", links(attack, "techniques")],
          ["ATT&CK mitigations", links(mitigations, "mitigations")],
          [
            "References",
            references.length === 0
              ? null
              : references.map((one) => (
                  <div key={one}>
                    <ExternalLink address={one} />
                  </div>
                )),
          ],
        ]}
      />
    </Section>
  );
}

function links(ids: string[], kind: "techniques" | "mitigations") {
  if (ids.length === 0) return null;
  return ids.map((id, at) => (
    <span key={id}>
      {at > 0 && ", "}
      <ExternalLink address={`https://attack.mitre.org/${kind}/${id.replace(".", "/")}/`}>{id}</ExternalLink>
    </span>
  ));
}
