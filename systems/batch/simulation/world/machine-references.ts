/** What the references of the synthesized definition become: names that the simulated services know. */
export const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
export const CHUNKS_QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-chunks";
