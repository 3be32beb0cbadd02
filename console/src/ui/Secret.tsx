/** A secret that is shown once, with a button that copies it. It stays in memory only. */
import {
  Button,
  Label,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { Copy16Regular } from "@fluentui/react-icons";
import { useId, useState } from "react";

const useStyles = makeStyles({
  secret: { display: "grid", rowGap: tokens.spacingVerticalS, paddingTop: tokens.spacingVerticalS },
  line: { display: "flex", columnGap: tokens.spacingHorizontalS },
  value: { flexGrow: 1, fontFamily: tokens.fontFamilyMonospace },
});

interface SecretProps {
  label: string;
  value: string;
  /** What it is for and how long it works. */
  note: string;
}

export function Secret({ label, value, note }: SecretProps) {
  const styles = useStyles();
  const id = useId();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // No clipboard without TLS: it is selected, so that the keyboard can copy it.
      document.getElementById(id)?.focus();
    }
  };
  return (
    <div className={styles.secret}>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody role="status">{note} It is shown only now.</MessageBarBody>
      </MessageBar>
      <Label htmlFor={id}>{label}</Label>
      <div className={styles.line}>
        <Input
          id={id}
          readOnly
          className={styles.value}
          value={value}
          onFocus={(event) => event.target.select()}
        />
        <Button icon={<Copy16Regular />} onClick={() => void copy()}>
          {isCopied ? "Copied" : "Copy"}
        </Button>
      </div>
    </div>
  );
}
