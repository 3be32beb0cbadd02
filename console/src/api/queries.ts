/**
 * Every read of the console, one function each. The first word of a key is the topic of the event
 * stream that makes the answer stale (api/live.ts).
 */
import { queryOptions } from "@tanstack/react-query";

import { get, type Parameters } from "./client";
import { inPath, list, read } from "./read";
import type {
  CertificateRow,
  CertificateSummary,
  Dashboard,
  DeviceDetail,
  DeviceObservations,
  DeviceRow,
  DeviceSoftwareRow,
  DeviceSourceRow,
  DeviceTroubles,
  Explanation,
  FindingRow,
  GroupRow,
  KnowledgeState,
  MissingUpdateRow,
  OwnAdvisoryRow,
  SearchResult,
  Session,
  SoftwareChangeRow,
  SoftwareDetail,
  SoftwareRow,
  SoftwareWeaknessRow,
  VexRow,
  WeaknessDetail,
  WeaknessRow,
} from "./types";

export const sessionQuery = () =>
  queryOptions({
    queryKey: ["session"],
    queryFn: ({ signal }) => get<Session>("/session", undefined, signal),
    staleTime: Infinity,
    retry: false,
  });

export const dashboardQuery = (groups?: string) =>
  read<Dashboard>(["dashboard", groups], "/dashboard", { groups });
export const knowledgeQuery = () => read<KnowledgeState>(["knowledge"], "/knowledge");
export const groupsQuery = () => read<GroupRow[]>(["groups"], "/groups");
export const searchQuery = (q: string) => read<SearchResult[]>(["search", q], "/search", { q });

export const weaknessesQuery = (parameters: Parameters) =>
  list<WeaknessRow>(["weaknesses", "list"], "/weaknesses", parameters);
export const weaknessQuery = (name: string, groups?: string) =>
  read<WeaknessDetail>(["weaknesses", "detail", name, groups], `/weaknesses/${inPath(name)}`, { groups });
export const weaknessDevicesQuery = (name: string, parameters: Parameters) =>
  list<DeviceRow>(["weaknesses", "devices", name], `/weaknesses/${inPath(name)}/devices`, parameters);

export const softwareListQuery = (parameters: Parameters) =>
  list<SoftwareRow>(["software", "list"], "/software", parameters);
export const softwareQuery = (id: string, groups?: string) =>
  read<SoftwareDetail>(["software", "detail", id, groups], `/software/${inPath(id)}`, { groups });
export const softwareDevicesQuery = (id: string, parameters: Parameters) =>
  list<DeviceRow>(["software", "devices", id], `/software/${inPath(id)}/devices`, parameters);
export const softwareWeaknessesQuery = (id: string, parameters: Parameters) =>
  list<SoftwareWeaknessRow>(["software", "weaknesses", id], `/software/${inPath(id)}/weaknesses`, parameters);
export const softwareUpdatesQuery = (id: string, parameters: Parameters) =>
  list<MissingUpdateRow>(["software", "updates", id], `/software/${inPath(id)}/updates`, parameters);

export const certificatesQuery = (parameters: Parameters) =>
  list<CertificateRow>(["certificates", "list"], "/certificates", parameters);
export const certificateSummaryQuery = (groups?: string) =>
  read<CertificateSummary>(["certificates", "summary", groups], "/certificates/summary", { groups });
export const certificateQuery = (id: string, groups?: string) =>
  read<CertificateRow>(["certificates", "detail", id, groups], `/certificates/${inPath(id)}`, { groups });
export const certificateDevicesPath = (id: string) => `/certificates/${inPath(id)}/devices`;
export const certificateDevicesQuery = (id: string, parameters: Parameters) =>
  list<DeviceRow>(["certificates", "devices", id], certificateDevicesPath(id), parameters);

export const devicesQuery = (parameters: Parameters) =>
  list<DeviceRow>(["devices", "list"], "/devices", parameters);
export const vulnerableDevicesQuery = (parameters: Parameters) =>
  list<DeviceRow>(["devices", "vulnerable"], "/reports/vulnerable-devices", parameters);

const ofDevice = (id: string, ...rest: string[]) => ["devices", "of", id, ...rest];

export const deviceQuery = (id: string) =>
  read<DeviceDetail>(ofDevice(id, "detail"), `/devices/${inPath(id)}`);
export const deviceSoftwareQuery = (id: string, parameters: Parameters) =>
  list<DeviceSoftwareRow>(ofDevice(id, "software"), `/devices/${inPath(id)}/software`, parameters);
export const deviceWeaknessesQuery = (id: string, parameters: Parameters) =>
  list<FindingRow>(ofDevice(id, "weaknesses"), `/devices/${inPath(id)}/weaknesses`, parameters);
export const deviceChangesQuery = (id: string, parameters: Parameters) =>
  list<SoftwareChangeRow>(ofDevice(id, "changes"), `/devices/${inPath(id)}/changes`, parameters);
export const explanationQuery = (id: string, name: string) =>
  read<Explanation>(
    ofDevice(id, "explanation", name),
    `/devices/${inPath(id)}/weaknesses/${inPath(name)}/explanation`,
  );
export const deviceDetailsQuery = (id: string) =>
  read<DeviceObservations>(ofDevice(id, "details"), `/devices/${inPath(id)}/details`);
export const deviceSourcesQuery = (id: string) =>
  read<DeviceSourceRow[]>(ofDevice(id, "sources"), `/devices/${inPath(id)}/sources`);
export const deviceUpdatesQuery = (id: string, parameters: Parameters) =>
  list<MissingUpdateRow>(ofDevice(id, "updates"), `/devices/${inPath(id)}/updates`, parameters);
export const deviceTroublesQuery = (id: string) =>
  read<DeviceTroubles>(ofDevice(id, "troubles"), `/devices/${inPath(id)}/troubles`);

/** Ids come a hundred at a time; a list this long is read further by its last id. */
export const ownAdvisoriesQuery = (after?: string) =>
  read<OwnAdvisoryRow[]>(["knowledge", "own-advisories", after], "/own-advisories", { after });
export const vexQuery = () => read<VexRow[]>(["knowledge", "vex"], "/vex");
