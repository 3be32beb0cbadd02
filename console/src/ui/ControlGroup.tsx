/** A label over several controls. `Field` is for one: it would give all of them the same id and label. */
import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useId, type ReactNode } from "react";

const useStyles = makeStyles({
  whole: { display: "grid", rowGap: tokens.spacingVerticalXXS },
  hint: { color: tokens.colorNeutralForeground3 },
});

interface ControlGroupProps {
  label: string;
  hint?: string | undefined;
  className?: string | undefined;
  children: ReactNode;
}

export function ControlGroup({ label, hint, className, children }: ControlGroupProps) {
  const styles = useStyles();
  const labelId = useId();
  const hintId = useId();
  return (
    <div className={styles.whole}>
      <Text id={labelId}>{label}</Text>
      <div
        role="group"
        className={className}
        aria-labelledby={labelId}
        {...(hint && { "aria-describedby": hintId })}
      >
        {children}
      </div>
      {hint && (
        <Text id={hintId} size={200} className={styles.hint}>
          {hint}
        </Text>
      )}
    </div>
  );
}
