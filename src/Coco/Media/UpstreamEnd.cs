using Coco.Hosting;

namespace Coco.Media;

/// <summary>Why a node sends a stream no more.</summary>
internal abstract record UpstreamEnd
{
    private UpstreamEnd()
    {
    }

    /// <summary>Others do.</summary>
    public sealed record Redirected(RedirectWords Words) : UpstreamEnd;

    /// <summary>The stream is over.</summary>
    public sealed record Ended : UpstreamEnd;

    /// <summary>It does not want to.</summary>
    public sealed record Refused(WireError Code) : UpstreamEnd;

    /// <summary>What it sends is not the producer's.</summary>
    public sealed record Forged : UpstreamEnd;

    /// <summary>It sends objects, and no signature of the producer's in time.</summary>
    public sealed record Unsigned : UpstreamEnd;

    /// <summary>It says nothing any more, or cannot be reached.</summary>
    public sealed record Lost(Exception? Cause) : UpstreamEnd;
}
