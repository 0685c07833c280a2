namespace Coco.Transport.Links;

/// <summary>What went over a link so far; bytes are those of datagrams.</summary>
internal readonly record struct LinkStatistics(
    long DatagramsSent, long BytesSent, long DatagramsReceived, long BytesReceived, long DatagramsRefused);
