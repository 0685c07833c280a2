using Coco.Crypto;

namespace Coco.Messages;

/// <summary>A file that another node wants to send.</summary>
/// <param name="From">Who.</param>
/// <param name="Name">What it is to be called here: safe as a name of a file.</param>
/// <param name="Length">Its bytes.</param>
public sealed record FileOffer(NodeId From, string Name, long Length);
