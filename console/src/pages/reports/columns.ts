import type { DeviceRow } from "../../api/types";
import type { Filter } from "../../ui/FilterBar";
import { optionsOf } from "../../ui/filters";
import type { ListDefinition } from "../../ui/ListView";
import { EXPLOIT_LABELS } from "../../ui/risk";
import { deviceList } from "../devices/columns";
import { severityFilter } from "../weaknesses/columns";

const AGES = {
  "30d": "Up to 30 days",
  "90d": "31 to 90 days",
  "180d": "91 to 180 days",
  "365d": "181 to 365 days",
  older: "Over a year",
};

const exploit: Filter = {
  name: "exploit",
  label: "Exploit",
  isMultiple: true,
  options: optionsOf(EXPLOIT_LABELS),
};
const age: Filter = { name: "age", label: "Age", isMultiple: true, options: optionsOf(AGES) };

/** Of the report: they leave out other weaknesses. */
export const weaknessFilters: Filter[] = [severityFilter, exploit, age];

/** Devices behind bars: they are filtered by where they stand in the charts. */
export const behindList: ListDefinition<DeviceRow> = {
  ...deviceList,
  noun: ["vulnerable device", "vulnerable devices"],
  filters: [
    { ...severityFilter, label: "Most severe weakness" },
    { ...exploit, label: "Highest exploit level" },
    { ...age, label: "Oldest weakness" },
    { name: "os", label: "Operating system", options: [] },
    { name: "os_version", label: "Version", options: [] },
    ...deviceList.filters,
  ],
  empty: "No device is known to have a weakness.",
};
