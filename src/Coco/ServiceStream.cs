using Coco.Transport;

namespace Coco;

/// <summary>A stream that a peer opened to a service of this node's, as the policy allows.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Stream">The stream.</param>
public sealed record ServiceStream(string Service, ConnectionStream Stream);
