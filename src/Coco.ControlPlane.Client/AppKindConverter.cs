using System.Text.Json;
using System.Text.Json.Serialization;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Client;

/// <summary>Kinds of apps are texts in camel case, as all enumerations of the API.</summary>
internal sealed class AppKindConverter() : JsonStringEnumConverter<AppKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
