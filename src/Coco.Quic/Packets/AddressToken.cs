namespace Coco.Quic.Packets;

/// <summary>What an address validation token says once it is opened.</summary>
/// <param name="Kind">How the client got it.</param>
/// <param name="IssuedAtSeconds">Time of issue in seconds, by the clock of whoever shares the key: an endpoint that keeps its key to
/// itself passes its monotonic time.</param>
/// <param name="OriginalDestination">Of a Retry token: the Destination Connection ID of the client's first Initial.</param>
/// <param name="RetrySource">Of a Retry token: the Source Connection ID of the Retry packet.</param>
internal readonly record struct AddressToken(
    AddressTokenKind Kind, long IssuedAtSeconds, ConnectionId OriginalDestination, ConnectionId RetrySource);
