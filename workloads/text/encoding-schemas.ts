import { z } from "zod";
import { REQUESTED_ENCODINGS, TEXT_ENCODINGS } from "./text-encodings";

export const textEncodingSchema = z.enum(TEXT_ENCODINGS);
export const requestedEncodingSchema = z.enum(REQUESTED_ENCODINGS);
