using Coco.Hosting;

namespace Coco.Media;

/// <summary>What the stream of a group begins with, after the request (<see cref="MediaRequest"/>).</summary>
/// <param name="Subscription">The subscriber's number.</param>
/// <param name="Track">Its place in the description.</param>
/// <param name="Previous">The sequence with which the track's stream before began, which may come later; -1 where this is the subscriber's first.</param>
/// <param name="First">The place of the first object.</param>
internal sealed record GroupHeader(ulong Subscription, int Track, long Previous, ObjectPlace First)
{
    public byte[] Encode(ulong session) =>
    [
        .. StreamHeader.Of(
            StreamKind.Media, session, (ulong)MediaRequest.Group, Subscription, (ulong)Track, (ulong)(Previous + 1), (ulong)First.Group, (ulong)First.Index, (ulong)First.Sequence),
        .. First.Chain,
    ];

    public static async ValueTask<GroupHeader?> ReadAsync(RecordReader reader, CancellationToken cancellationToken)
    {
        var numbers = new ulong[6];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (await reader.ReadVarIntAsync(cancellationToken).ConfigureAwait(false) is not { } number) { return null; }
            numbers[i] = number;
        }
        if (numbers[1] >= StreamDescription.MaxTracks || await reader.ReadBytesAsync(LiveObject.HashSize, cancellationToken).ConfigureAwait(false) is not { } chain) { return null; }
        // Sums of these stay below 2^63.
        return new(numbers[0], (int)numbers[1], (long)numbers[2] - 1, new((long)numbers[3], (long)numbers[4], (long)numbers[5], chain));
    }
}
