/** Reads of what happened and happens: detections, the timeline, history. */
import type { Parameters } from "./client";
import { inPath, list, read } from "./read";
import type { DetectionDetail, DetectionRow } from "./types";

export const detectionsQuery = (parameters: Parameters) =>
  list<DetectionRow>(["detections", "list"], "/detections", parameters);
export const detectionQuery = (id: string) =>
  read<DetectionDetail>(["detections", "detail", id], `/detections/${inPath(id)}`);
